import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** Upper bounds in seconds, dense around what a caller feels as an answer's delay. */
const LATENCY_BUCKETS_SECONDS = [
  0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 5, 10,
]

/** One registry for a process: every metric carries the label `service`; process and event-loop-lag metrics on board. */
export function createRegistry(options: { service: string }): Registry {
  const registry = new Registry()
  registry.setDefaultLabels({ service: options.service })
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 10 })
  return registry
}

export interface TurnMetrics {
  /** Counts one answered turn. Times in ms; `stages` are those of the call record. */
  turn(latencyMs: number, stages: Readonly<Record<string, number>>): void
}

/** `hotline_turn_latency_seconds` and `hotline_turn_stage_seconds{stage}`. */
export function createTurnMetrics(registry: Registry): TurnMetrics {
  const latency = new Histogram({
    name: 'hotline_turn_latency_seconds',
    help: "From the caller's last voiced sample to the agent's first audible sample.",
    buckets: LATENCY_BUCKETS_SECONDS,
    registers: [registry],
  })
  const stage = new Histogram({
    name: 'hotline_turn_stage_seconds',
    help: 'The part of a turn that one stage took; the stages of a turn sum to its latency.',
    labelNames: ['stage'] as const,
    buckets: LATENCY_BUCKETS_SECONDS,
    registers: [registry],
  })
  return {
    turn(latencyMs, stages) {
      latency.observe(latencyMs / 1000)
      for (const [name, ms] of Object.entries(stages)) stage.observe({ stage: name }, ms / 1000)
    },
  }
}

export interface CallMetrics {
  started(): void
  /** `cause` as in the call record. */
  ended(cause: string): void
}

/** Counters `hotline_calls_started_total` and `hotline_calls_ended_total{cause}`. */
export function createCallMetrics(registry: Registry): CallMetrics {
  const started = new Counter({
    name: 'hotline_calls_started_total',
    help: 'Calls that began.',
    registers: [registry],
  })
  const ended = new Counter({
    name: 'hotline_calls_ended_total',
    help: 'Calls that ended, by cause.',
    labelNames: ['cause'] as const,
    registers: [registry],
  })
  return { started: () => started.inc(), ended: (cause) => ended.inc({ cause }) }
}

/** A gauge whose value is read at each scrape; a read that fails leaves the last value. */
export function createGauge(
  registry: Registry,
  options: { name: string; help: string; read: () => number | Promise<number> },
): void {
  new Gauge({
    name: options.name,
    help: options.help,
    registers: [registry],
    async collect() {
      try {
        this.set(await options.read())
      } catch {
        // The last value stands: a scrape must not fail because one source is away.
      }
    },
  })
}

/** `/metrics` as text, with its content type. */
export async function metricsText(registry: Registry): Promise<{ contentType: string; body: string }> {
  return { contentType: registry.contentType, body: await registry.metrics() }
}
