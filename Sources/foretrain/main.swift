print("foretrain")
