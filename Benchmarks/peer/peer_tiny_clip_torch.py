#!/usr/bin/env python3
"""Seconds and memory of a tiny CLIP's training steps in PyTorch on CPU, as JSON.

    peer_tiny_clip_torch.py --threads 2 --steps 20 --batch 64 --calibration lsa-itc --attack-steps 2
"""
import argparse
import json
import math
import os
import statistics
import sys
import time


def arguments():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--width", type=int, default=256)
    p.add_argument("--layers", type=int, default=6)
    p.add_argument("--heads", type=int, default=4)
    p.add_argument("--mlp-ratio", type=int, default=4)
    p.add_argument("--embed", type=int, default=256, help="width of the shared embedding")
    p.add_argument("--image", type=int, default=64)
    p.add_argument("--patch", type=int, default=8)
    p.add_argument("--text-len", type=int, default=32)
    p.add_argument("--vocab", type=int, default=4096)
    p.add_argument("--batch", type=int, default=64)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--steps", type=int, default=20)
    p.add_argument("--warmup", type=int, default=3)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--lr", type=float, default=5e-4)
    p.add_argument("--weight-decay", type=float, default=0.2)
    p.add_argument("--dtype", choices=["fp32", "bf16"], default="fp32",
                   help="bf16: autocast with fp32 weights")
    p.add_argument("--gelu", choices=["erf", "tanh"], default="erf")
    p.add_argument("--checkpoint", action="store_true", help="recompute every block")
    p.add_argument("--compile", action="store_true", help="torch.compile (needs a C++ compiler)")
    p.add_argument("--calibration", choices=["none", "lsa-itc"], default="none")
    p.add_argument("--attack-steps", type=int, default=2)
    p.add_argument("--clean-share", type=float, default=1 / 6)
    p.add_argument("--compared-layers", type=int, default=4, help="of the image tower, the last")
    p.add_argument("--profile", action="store_true", help="time by kind of operator")
    options = p.parse_args()
    if options.compared_layers > options.layers:
        p.error("--compared-layers: more than --layers")
    return options


def memory():
    """Resident bytes now and at their peak since the last reset."""
    found = {}
    with open("/proc/self/status") as f:
        for line in f:
            if line.startswith(("VmRSS", "VmHWM")):
                found[line[:5]] = int(line.split()[1]) * 1024
    return found["VmRSS"], found["VmHWM"]


def reset_peak():
    """Starts the peak again from here; false where the system does not allow it."""
    try:
        with open("/proc/self/clear_refs", "w") as f:
            f.write("5")
        return True
    except OSError:
        return False


def main():
    options = arguments()
    os.environ.setdefault("OMP_NUM_THREADS", str(options.threads))
    import torch
    import torch.nn as nn
    from calibration import LOSSES, step_flops
    from tiny_clip import Tower

    load_before = os.getloadavg()
    after_import, _ = memory()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    image, text = Tower(options, True), Tower(options, False)
    scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))
    parameters = [*image.parameters(), *text.parameters(), scale]
    optimizer = torch.optim.AdamW(
        [{"params": [q for q in parameters if q.ndim >= 2], "weight_decay": options.weight_decay},
         {"params": [q for q in parameters if q.ndim < 2], "weight_decay": 0.0}],
        lr=options.lr, betas=(0.9, 0.98), eps=1e-6, fused=True)
    images = torch.randn(options.batch, image.patches, image.patch.in_features)
    texts = torch.randint(0, options.vocab, (options.batch, options.text_len))
    if options.compile:
        image.compile()
        text.compile()
    losses = []

    def step():
        phases, last = {}, time.perf_counter()

        def mark(name):
            nonlocal last
            now = time.perf_counter()
            phases[name] = now - last
            last = now

        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=options.dtype == "bf16"):
            loss = LOSSES[options.calibration](image, text, scale, images, texts, options, mark)
        loss.backward()
        mark("backward")
        optimizer.step()
        mark("optimizer")
        optimizer.zero_grad(set_to_none=True)
        mark("zero_grad")
        losses.append(loss.item())
        return phases

    for _ in range(options.warmup):
        step()
    before, _ = memory()
    was_reset = reset_peak()
    rows, processor = [], []
    for _ in range(options.steps):
        used = time.process_time()
        rows.append(step())
        processor.append(time.process_time() - used)
    _, peak = memory()
    seconds = sorted(sum(row.values()) for row in rows)
    median = statistics.median(seconds)
    flops = step_flops(image, text, options.batch, options)
    result = {
        "what": "tiny CLIP training step, PyTorch on CPU",
        "arguments": vars(options), "torch": torch.__version__,
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "parameters": sum(q.numel() for q in parameters),
        "image_tokens": image.tokens, "text_tokens": text.tokens,
        "step_seconds": {
            "median": median, "min": seconds[0], "p90": seconds[int(0.9 * (len(seconds) - 1))]},
        # Of all threads. With --threads 1 it depends far less on what else runs.
        "step_processor_seconds": {
            "median": statistics.median(processor), "min": min(processor)},
        "phase_median_seconds": {
            name: statistics.median(row[name] for row in rows) for name in rows[0]},
        "pairs_per_second": options.batch / median,
        "matmul_flops_per_step": flops, "gflops_at_median": flops / median / 1e9,
        "memory": {
            "after_import_bytes": after_import, "before_timed_steps_bytes": before,
            "resident_peak_bytes": peak, "peak_is_of_timed_steps": was_reset},
        "load_average": {"before": load_before, "after": os.getloadavg()},
        "losses": losses[:8],
    }
    if options.profile:
        from torch.profiler import ProfilerActivity, profile
        with profile(activities=[ProfilerActivity.CPU]) as run:
            for _ in range(3):
                step()
        events = run.key_averages()
        total = sum(e.self_cpu_time_total for e in events)
        events = sorted(events, key=lambda e: -e.self_cpu_time_total)[:18]
        result["profile_self_cpu_percent"] = {
            e.key: round(100 * e.self_cpu_time_total / total, 2) for e in events}
    json.dump(result, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
