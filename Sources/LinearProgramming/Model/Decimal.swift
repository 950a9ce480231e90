/// The shortest decimal that reads back as the same double, without a useless `.0`.
func decimal(_ value: Double) -> String {
  if value.isInfinite { return value < 0 ? "-inf" : "inf" }
  let text = (value == 0 ? 0 : value).description
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

/// Nine significant digits, for people: a solver's twelfth digit is noise.
func shortDecimal(_ value: Double) -> String {
  guard value != 0, value.isFinite else { return decimal(value) }
  var power = 1.0  // a power of ten of 0 or more stays exact up to 1e22
  if abs(value) >= 1e9 {
    while abs(value) / power >= 1e9 { power *= 10 }
    return decimal((value / power).rounded() * power)
  }
  while abs(value) * power < 1e8 && power < 1e300 { power *= 10 }
  return decimal((value * power).rounded() / power)
}
