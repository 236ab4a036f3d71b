import type { ChatMessage, EngineEvent } from '@hotline/conversation'
import { type ChatClient, InferenceError } from '@hotline/inference'
import type { AgentSettings } from '@hotline/storage'

const GAP_TIMEOUT_MS = 8000

export interface ThinkerOptions {
  client: ChatClient
  /** The model that this call began with, to its end. */
  model: string
  generation: AgentSettings['generation']
  firstTokenTimeoutMs: number
  emit: (event: EngineEvent) => void
}

/** Asks the LLM and reports what it says, token by token. A cancelled request stops the worker's computation. */
export class Thinker {
  #options: ThinkerOptions
  #running = new Map<string, AbortController>()

  constructor(options: ThinkerOptions) {
    this.#options = options
  }

  request(responseId: string, messages: ChatMessage[], maxTokens: number): void {
    const abort = new AbortController()
    this.#running.set(responseId, abort)
    void this.#stream(responseId, messages, maxTokens, abort.signal).finally(() => this.#running.delete(responseId))
  }

  cancel(responseId: string): void {
    this.#running.get(responseId)?.abort()
    this.#running.delete(responseId)
  }

  close(): void {
    for (const abort of this.#running.values()) abort.abort()
    this.#running.clear()
  }

  /** Fill the worker's prefix cache with the instructions while the phone still rings. Failure costs nothing. */
  async warm(instructions: string, signal: AbortSignal): Promise<void> {
    const messages: ChatMessage[] = [
      { role: 'system', content: instructions },
      { role: 'user', content: 'Hello' },
    ]
    try {
      for await (const _ of this.#open(messages, 1, signal));
    } catch {
      // The first turn pays for it instead.
    }
  }

  #open(messages: ChatMessage[], maxTokens: number, signal: AbortSignal) {
    const { client, model, generation, firstTokenTimeoutMs } = this.#options
    return client.stream({
      model,
      messages,
      maxTokens,
      temperature: generation.temperature,
      topP: generation.top_p,
      repetitionPenalty: generation.repetition_penalty,
      signal,
      firstTokenTimeoutMs,
      gapTimeoutMs: GAP_TIMEOUT_MS,
    })
  }

  async #stream(responseId: string, messages: ChatMessage[], maxTokens: number, signal: AbortSignal): Promise<void> {
    const { emit } = this.#options
    try {
      for await (const chunk of this.#open(messages, maxTokens, signal)) {
        if (signal.aborted) return
        if (chunk.type === 'delta') emit({ type: 'llm.delta', responseId, text: chunk.text })
        else {
          const usage = chunk.usage ?? { promptTokens: 0, completionTokens: 0, cachedTokens: 0 }
          emit({ type: 'llm.finished', responseId, finishReason: chunk.finishReason, usage })
        }
      }
    } catch (error) {
      if (signal.aborted) return
      const message = error instanceof Error ? error.message : String(error)
      emit({ type: 'llm.failed', responseId, message, retryable: error instanceof InferenceError && error.retryable })
    }
  }
}
