// A bare drachtio-srf answering machine behind the embedded signaling server, for load by sipp:
//   node packages/sip/load/uas.mjs [sip port] [drachtio port]
// With a SIP port of 0 it uses the signaling server that already serves the drachtio port.
// Prints its counters on SIGINT and every ten seconds.
import { createSignalingServer } from '@hotline/sip'
import Srf from 'drachtio-srf'

const sipPort = Number(process.argv[2] ?? 5060)
const drachtioPort = Number(process.argv[3] ?? 9022)
const quiet = () => {}
const log = { debug: quiet, info: quiet, warn: console.warn, error: console.error }
const server = sipPort > 0 && createSignalingServer({ host: '127.0.0.1', sipPort, drachtioPort, secret: 'cymru', log })
const ports = server ? await server.listen() : { drachtioPort }

const sdp = `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n`
let answered = 0
let ended = 0
let failed = 0
const srf = new Srf()
srf.on('error', (error) => console.error(error.message))
srf.connect({ host: '127.0.0.1', port: ports.drachtioPort, secret: 'cymru' })
srf.invite((req, res) => {
  res.send(180)
  srf.createUAS(req, res, { localSdp: sdp }).then(
    (dialog) => {
      answered++
      dialog.on('destroy', () => ended++)
    },
    () => failed++,
  )
})
srf.on('connect', (_error, hostports) => console.log(`${hostports} answers`))

function report() {
  const { user, system } = process.cpuUsage()
  console.log(
    JSON.stringify({
      answered,
      ended,
      failed,
      ...(server ? server.counts() : {}),
      cpuMs: Math.round((user + system) / 1000),
    }),
  )
}
const timer = setInterval(report, 10_000)
process.on('SIGINT', async () => {
  clearInterval(timer)
  report()
  srf.disconnect()
  if (server) await server.close()
})
