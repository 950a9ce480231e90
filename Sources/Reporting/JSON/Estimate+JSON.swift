public import CostModel
import Quantities
import Strategies
import Workloads

extension Estimate {
  /// The estimate object of the JSON contract.
  ///
  /// - Parameters:
  ///   - provenance: what it was made from.
  ///   - pareto: whether it lies on the front of a plan; left out where there is none.
  /// - Returns: one object.
  public func json(provenance: Provenance, pareto: Bool? = nil) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("schema_version", .string(Schema.version)), .init("scenario", .string(scenario)),
      .init("model", .string(model)), .init("hardware", .string(hardware)),
      .init("accelerator_name", .string(acceleratorName)),
      .init("accelerators", .integer(accelerators)), .init("parameters", .integer(parameters)),
      .init("trainable_parameters", .integer(trainableParameters)),
      .init("forward_flops_per_sample", .number(forwardFlopsPerSample.value)),
      .init("global_batch", .integer(globalBatch)), .init("samples_seen", .number(samplesSeen)),
      .init("strategy", strategy.json(for: workload)),
      .init("step_seconds", .interval(step)), .init("step_breakdown_seconds", breakdown.json),
      .init("phase_breakdown_seconds", phasesJSON),
      .init(
        "samples_per_second_per_accelerator", .interval(samplesPerSecondPerAccelerator)),
      .init("steps", .number(steps)), .init("wall_hours", .interval(wall, in: UnitSize.hour)),
      .init("accelerator_hours", .interval(acceleratorHours)),
      .init("billed_accelerator_hours", .number(billedAcceleratorHours.value)),
      .init("node_hours", .number(nodeHours)), .init("cost_usd", .interval(cost)),
      .init("energy_kwh", .interval(energy, in: UnitSize.kilowattHour)),
      .init("carbon_kg", .interval(carbon, in: UnitSize.kilogram)),
      .init("mfu", .number(modelFlopsUtilization)), .init("hfu", .number(hardwareFlopsUtilization)),
      .init("max_micro_batch", .optional(maxMicroBatch)), .init("memory", memory.json),
      .init("calibration", calibrationJSON), .init("run", run.json),
      .init("assumptions", .array(assumptions.map(\.json))),
      .init("flags", .array(flags.map { .string($0) })), .init("provenance", provenance.json),
    ]
    if let pareto { members.append(.init("pareto", .bool(pareto))) }
    return .object(members)
  }

  /// Phases by name; those of the contract are always there: one that does not run takes 0 s.
  private var phasesJSON: JSONValue {
    var members = phases.map { JSONValue.Member($0.name, .number($0.time.value)) }
    let present = Set(phases.map(\.name))
    for name in StepProgram.PhaseName.allCases.map(\.rawValue) where !present.contains(name) {
      members.append(.init(name, 0))
    }
    return .object(members)
  }

  private var calibrationJSON: JSONValue {
    [
      "method": .string(workload.calibration.method.rawValue),
      "settings": workload.calibration.json,
      "overhead": .object(overheads.map { .init($0.baseline, $0.json) }),
    ]
  }
}

extension StepBreakdown {
  /// Parts of the step in seconds.
  var json: JSONValue {
    .object(parts.map { .init($0.name, .number($0.time.value)) })
  }

  /// Parts by their names in the JSON contract.
  var parts: [(name: String, time: Seconds)] {
    [
      ("compute", compute), ("exposed_communication", exposedCommunication),
      ("pipeline_bubble", pipelineBubble), ("optimizer", optimizer), ("input_stall", inputStall),
      ("launch", launch),
    ]
  }
}

extension MemoryEstimate {
  /// The `memory` object of the JSON contract.
  var json: JSONValue {
    var members = parts.map { JSONValue.Member($0.name + "_bytes", .number($0.bytes.value)) }
    members += [
      .init("peak_bytes", .number(peak.value)), .init("peak_phase", .string(peakPhase)),
      .init("peak_instant", .string(peakInstant)),
      .init(
        "readings",
        [
          "allocated_bytes": .number(allocated.value), "reserved_bytes": .number(reserved.value),
          "device_bytes": .number(peak.value),
        ]),
      .init("peak_interval_bytes", .interval(peakInterval)),
      .init("capacity_bytes", .number(capacity.value)), .init("verdict", .string(verdict.rawValue)),
      .init(
        "host",
        [
          "needed_bytes": .number(hostNeeded.value), "capacity_bytes": .number(hostCapacity.value),
        ]),
    ]
    return .object(members)
  }
}

extension Overhead {
  /// Ratios to the baseline; `memory` and `cost` are typical values, their ranges stand beside.
  var json: JSONValue {
    [
      "meaning": .string(meaning), "time": .interval(time), "memory": .number(memory.typical),
      "memory_range": .interval(memory), "cost": .number(acceleratorHours.typical),
      "cost_range": .interval(acceleratorHours),
    ]
  }
}

extension RunEstimate {
  /// The `run` object of the JSON contract.
  var json: JSONValue {
    [
      "goodput": .number(goodput), "failures": .number(failures),
      "checkpoint_interval_seconds": .number(checkpointInterval.value),
      "checkpoint_bytes": .number(checkpointBytes.value), "spare_nodes": .integer(spareNodes),
      "sweep_seconds": .number(sweep.value),
      "campaign": .array(
        campaign.map {
          ["name": .string($0.name), "accelerator_hours": .number($0.hours.value)]
        }),
    ]
  }
}

extension Assumption {
  /// One entry of `assumptions`.
  var json: JSONValue {
    [
      "key": .string(key), "value": .string(value), "origin": .string(origin.rawValue),
      "source": .string(source),
    ]
  }
}
