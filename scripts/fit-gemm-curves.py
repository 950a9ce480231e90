#!/usr/bin/env python3
"""Fits the matrix-product curves of hardware profiles to published measurements.

Reads  fitted/gemm-measured.csv   device,table,format,m,n,k,time_us (sources: fitted/README.md)
Writes fitted/gemm-curves.json    constants by device, with errors; hardware-profiles/ quote them
Prints a table of errors. Standard library only, no randomness: the same input gives the same bytes.

Two models are fitted, by least absolute error of log time (robust to single slow measurements):

* tile-wave: output tiles spread over multiprocessors in waves, with split-K: term by term what
  Sources/CostModel/Compute/ProductTime.swift computes;
* plateau:   launch + max(2mnk (1 + half_k / k) / (efficiency peak), bytes / (floor bandwidth)).

Errors are means of |log(model / measured)|: on the rows of the fit, on rows held out (every second
pair of n and k, fitted without them), and on a table by other people that the fit never saw.
"""
import csv
import json
import math
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Dense 16-bit peak FLOP/s, multiprocessors, memory bandwidth in B/s: the vendors' datasheets.
DEVICES = {
    "A100-SXM4": (312e12, 108, 2039e9),
    "H100-SXM5-80GB": (989e12, 132, 3350e9),
    "H200-SXM-141GB": (989e12, 132, 4800e9),
    "B200-SXM-180GB": (2250e12, 148, 8000e9),
    "L40S": (362e12, 142, 864e9),
    "A40": (149.7e12, 84, 696e9),
    "V100-SXM2": (125e12, 80, 900e9),
}
TILES = [(256, 128), (128, 256), (128, 128), (128, 64), (64, 128), (64, 64)]
SPLITS = [1, 2, 4, 8]
SPLIT_TRAFFIC = 0.336  # weight of adding up the splits; the A100 fit's value, kept for all

# name: (start, smallest, largest)
TILE_WAVE = {
    "large": (0.75, 0.3, 1.0), "middle": (0.70, 0.3, 1.0), "small": (0.55, 0.2, 1.0),
    "smallest": (0.5, 0.15, 1.0), "tile_overhead": (2e-6, 1e-7, 2e-5),
    "split_overhead": (4e-6, 1e-7, 3e-5), "launch": (1e-6, 1e-7, 1e-5),
    "wave_weight": (0.3, 0.01, 1.0), "memory_floor": (0.65, 0.2, 1.0),
}
PLATEAU = {
    "efficiency": (0.72, 0.2, 1.0), "half_k": (80, 0.5, 2000), "launch": (4e-6, 1e-7, 3e-5),
    "memory_floor": (0.65, 0.2, 1.0),
}


def tile_wave_time(p, device, m, n, k):
    peak, count, bandwidth = DEVICES[device]
    efficiencies = [p["large"], p["large"], p["middle"], p["small"], p["small"], p["smallest"]]
    best = math.inf
    for (tm, tn), efficiency in zip(TILES, efficiencies):
        rate = peak / count * efficiency
        whole = -(-m // tm) * -(-n // tn)
        for split in SPLITS:
            if split > 1 and k // split < 64:
                break
            blocks = whole * split
            waves = max(1.0, (1 - p["wave_weight"]) * blocks / count
                        + p["wave_weight"] * -(-blocks // count))
            tile = 2 * tm * tn * -(-k // split) / rate + p["tile_overhead"]
            extra = 0.0
            if split > 1:
                tile += p["split_overhead"]
                extra = SPLIT_TRAFFIC * 4 * m * n * split / (0.8 * bandwidth)
            best = min(best, p["launch"] + waves * tile + extra)
    traffic = 2 * (m * k + k * n + m * n) / (bandwidth * p["memory_floor"])
    return max(best, p["launch"] + traffic)


def plateau_time(p, device, m, n, k):
    peak, _, bandwidth = DEVICES[device]
    work = 2 * m * n * k * (1 + p["half_k"] / k) / (p["efficiency"] * peak)
    traffic = 2 * (m * k + k * n + m * n) / (bandwidth * p["memory_floor"])
    return p["launch"] + max(work, traffic)


def error(time, parameters, device, rows):
    total = sum(abs(math.log(time(parameters, device, m, n, k) / t)) for m, n, k, t in rows)
    return total / len(rows)


def fit(time, space, device, rows):
    """Pattern search in log space: one parameter at a time, the step halves when none helps."""
    parameters = {name: start for name, (start, _, _) in space.items()}
    best = error(time, parameters, device, rows)
    step = 0.5
    while step > 0.004:
        improved = False
        for name, (_, low, high) in space.items():
            for sign in (1, -1):
                trial = dict(parameters)
                trial[name] = min(high, max(low, trial[name] * math.exp(sign * step)))
                value = error(time, trial, device, rows)
                if value < best - 1e-7:
                    parameters, best, improved = trial, value, True
                    break
        if not improved:
            step /= 2
    return {name: float(f"{value:.3g}") for name, value in parameters.items()}


def load():
    tables = {}
    with open(ROOT / "fitted" / "gemm-measured.csv") as file:
        for row in csv.DictReader(file):
            shape = int(row["m"]), int(row["n"]), int(row["k"]), float(row["time_us"]) * 1e-6
            tables.setdefault(row["device"], {}).setdefault(row["table"], []).append(shape)
    return tables


def halves(rows):
    pairs = sorted({(n, k) for _, n, k, _ in rows})
    first = set(pairs[::2])
    return [r for r in rows if r[1:3] in first], [r for r in rows if r[1:3] not in first]


def main():
    results = {}
    print(f"{'device':16} {'table':15} {'model':10} {'rows':>5} {'fit':>6} {'held':>6}  other table")
    for device, tables in sorted(load().items()):
        for table, rows in sorted(tables.items()):
            for model, time, space in (("tile-wave", tile_wave_time, TILE_WAVE),
                                       ("plateau", plateau_time, PLATEAU)):
                constants = fit(time, space, device, rows)
                one, other = halves(rows)
                held_out = (error(time, fit(time, space, device, one), device, other)
                            + error(time, fit(time, space, device, other), device, one)) / 2
                unseen = {name: round(error(time, constants, device, more), 4)
                          for name, more in sorted(tables.items()) if name != table}
                fitted = error(time, constants, device, rows)
                signed = sorted(math.log(r[3] / time(constants, device, *r[:3])) for r in rows)
                results.setdefault(device, {}).setdefault(table, {})[model] = {
                    "constants": constants, "rows": len(rows), "fit_error": round(fitted, 4),
                    "held_out_error": round(held_out, 4), "other_tables": unseen,
                    "time_range": {
                        "low": round(math.exp(signed[int(0.05 * len(signed))]), 3),
                        "high": round(math.exp(signed[int(0.95 * len(signed))]), 3)},
                }
                print(f"{device:16} {table:15} {model:10} {len(rows):5d} {fitted:6.1%} "
                      f"{held_out:6.1%}  {unseen or ''}", flush=True)
    with open(ROOT / "fitted" / "gemm-curves.json", "w") as file:
        json.dump(results, file, indent=1, sort_keys=True)
        file.write("\n")


if __name__ == "__main__":
    main()
