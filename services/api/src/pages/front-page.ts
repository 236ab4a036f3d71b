import type { Agent, AgentStore, Call, CallStore, Turn } from '@hotline/storage'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { bearsKey } from '../http/auth.js'
import { type Html, html } from './html.js'

const COLORS: Readonly<Record<string, string>> = {
  endpointing: '#8da0cb',
  transcription: '#66c2a5',
  llm_first_token: '#fc8d62',
  llm_first_clause: '#e5c494',
  tts_first_audio: '#e78ac3',
  egress: '#a6d854',
}

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}
h2{margin-top:2rem}code{background:#f3f3f3;padding:.1em .3em}.call{border-top:1px solid #ddd;padding:.6rem 0}
.turn{margin:.4rem 0}.bar{display:flex;height:.8rem;border-radius:3px;overflow:hidden}.muted{color:#666}
.key{display:inline-block;width:.8em;height:.8em;border-radius:2px;margin:0 .3em 0 .9em}`

const LINKS: readonly [string, string][] = [
  ['/openapi.json', 'the API, described'],
  ['/v1/agents', 'agents'],
  ['/v1/calls', 'calls'],
  ['/v1/models', 'models'],
  ['/v1/audio/voices', 'voices'],
  ['/metrics', 'metrics'],
  ['/readyz', 'whether all is up'],
]

function bar(turn: Turn): Html {
  if (turn.latency_ms === null || turn.stages === null) return html``
  const total = Math.max(turn.latency_ms, 1)
  const width = Math.min(100, total / 20)
  const pieces = Object.entries(turn.stages).map(
    ([name, ms]) =>
      html`<span title="${name} ${Math.round(ms)} ms" style="width:${((100 * ms) / total).toFixed(2)}%;background:${COLORS[name] ?? '#999'}"></span>`,
  )
  return html`<div class="bar" style="width:${width.toFixed(1)}%">${pieces}</div>`
}

function turnBlock(turn: Turn): Html {
  const latency = turn.latency_ms === null ? 'no answer' : `${Math.round(turn.latency_ms)} ms`
  const cut = turn.agent?.interrupted ? ' (interrupted)' : ''
  return html`<div class="turn">“${turn.caller?.text ?? ''}” → “${turn.agent?.text ?? ''}”${cut} <span class="muted">${latency}</span>${bar(turn)}</div>`
}

function callBlock(call: Call): Html {
  const when = new Date(call.created_at * 1000).toISOString().replace('T', ' ').slice(0, 19)
  const recording = call.recording ? html` · <a href="${call.recording.url}">recording</a>` : html``
  return html`<div class="call"><a href="/v1/calls/${encodeURIComponent(call.id)}">${call.agent_name}</a>
<span class="muted">${when} · ${call.status}${call.cause ? ` (${call.cause})` : ''}</span>${recording}${call.turns.map(turnBlock)}</div>`
}

function page(agents: readonly Agent[], calls: readonly Call[] | null): string {
  const legend = Object.entries(COLORS).map(
    ([name, color]) => html`<span class="key" style="background:${color}"></span>${name}`,
  )
  const list =
    calls === null
      ? html`<p>Send the API key as <code>Authorization: Bearer KEY</code> to see calls.</p>`
      : calls.length === 0
        ? html`<p>None yet.</p>`
        : html`<p class="muted">Where each answer’s milliseconds went:${legend}</p>${calls.map(callBlock)}`
  return html`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Hotline</title><style>${{ html: STYLE }}</style></head><body>
<h1>Hotline</h1><p>Voice agents that answer the telephone. Call an agent with any SIP phone: its name is the user part of the address.</p>
<ul>${LINKS.map(([href, text]) => html`<li><a href="${href}"><code>${href}</code></a> ${text}</li>`)}</ul>
<h2>Agents</h2><ul>${agents.map(({ name, description }) => html`<li><code>sip:${name}@…</code> ${description}</li>`)}</ul>
<h2>Last calls</h2>${list}</body></html>`.html
}

/** `/`: what this is, where things are, and the last calls with each turn's milliseconds. */
export function frontPageRoutes(deps: {
  agents: AgentStore
  calls: CallStore
  apiKey: string | undefined
}): FastifyPluginAsyncZod {
  return async (app) => {
    app.get('/', { config: { open: true }, schema: { hide: true } }, async (request, reply) => {
      const trusted = deps.apiKey === undefined || bearsKey(request, deps.apiKey)
      const agents = trusted ? (await deps.agents.list({ limit: 20, order: 'asc' })).items : []
      const calls = trusted ? (await deps.calls.list({ limit: 10 })).items : null
      return reply
        .headers({
          'content-security-policy':
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
          'x-content-type-options': 'nosniff',
          'cache-control': 'no-store',
        })
        .type('text/html; charset=utf-8')
        .send(page(agents, calls))
    })
  }
}
