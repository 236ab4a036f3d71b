/** The `type` field of OpenAI's error body. */
export type ErrorType = 'invalid_request_error' | 'authentication_error' | 'rate_limit_error' | 'server_error'

interface Entry {
  status: number
  type: ErrorType
  message: string
}

const invalid = (status: number, message: string): Entry => ({ status, type: 'invalid_request_error', message })
const server = (status: number, message: string): Entry => ({ status, type: 'server_error', message })

/** Every error that this API answers with: its code, HTTP status, type, and what it says unless told more exactly. */
export const ERROR_CATALOGUE = {
  invalid_json: invalid(400, 'The body is not valid JSON.'),
  invalid_request: invalid(400, 'The request cannot be understood.'),
  invalid_value: invalid(400, 'A parameter has a value that it cannot have.'),
  missing_required_parameter: invalid(400, 'A parameter is missing.'),
  unknown_parameter: invalid(400, 'There is no such parameter.'),
  unknown_field: invalid(400, 'There is no such field.'),
  unknown_cursor: invalid(400, 'There is nothing with this id to continue after.'),
  invalid_api_key: {
    status: 401,
    type: 'authentication_error',
    message: 'Send the API key as "Authorization: Bearer KEY".',
  },
  origin_not_allowed: invalid(403, 'Without an API key only this machine’s own pages may call; set HOTLINE_API_KEY.'),
  unknown_url: invalid(404, 'There is nothing at this address.'),
  agent_not_found: invalid(404, 'There is no such agent.'),
  call_not_found: invalid(404, 'There is no such call.'),
  recording_not_ready: invalid(404, 'The call is in progress; its recording comes when it has ended.'),
  recording_not_found: invalid(404, 'This call has no recording.'),
  agent_name_taken: invalid(409, 'Another agent has this name.'),
  call_not_in_progress: invalid(409, 'The call is over.'),
  call_in_progress: invalid(409, 'The call is in progress; hang up first.'),
  body_too_large: invalid(413, 'The body is too large.'),
  unsupported_media_type: invalid(415, 'This content type is not taken here.'),
  range_not_satisfiable: invalid(416, 'The range lies outside of the recording.'),
  too_many_watchers: { status: 429, type: 'rate_limit_error', message: 'Too many event streams are open.' },
  internal_error: server(500, 'Something went wrong on our side; the request id helps to find it.'),
  worker_error: server(502, 'The worker refused.'),
  store_unavailable: server(503, 'The database cannot be reached; try again.'),
  media_unavailable: server(503, 'The media service cannot be reached; try again.'),
  worker_unavailable: server(503, 'The worker cannot be reached; try again.'),
  worker_timeout: server(504, 'The worker took too long.'),
} as const satisfies Record<string, Entry>

export type ErrorCode = keyof typeof ERROR_CATALOGUE
