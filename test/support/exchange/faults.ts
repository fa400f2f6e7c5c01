/**
 * Which request goes wrong, and how a reply is sent when it does.
 */
import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { forbidden, html, json, type Reply, restricted, signIn } from './replies.js'
import type { Fault, Switches } from './switches.js'

export interface Faults {
  /** The fault of a request, which counts it. */
  next(target: string): Fault | undefined
}

export function createFaults(switches: Switches): Faults {
  const seen = new WeakMap<Fault, number>()
  return {
    next(target) {
      let chosen: Fault | undefined
      for (const fault of switches.faults) {
        if (!fault.match.test(target)) continue
        const count = seen.get(fault) ?? 0
        seen.set(fault, count + 1)
        const skip = fault.skip ?? 0
        if (chosen === undefined && count >= skip && count < skip + (fault.times ?? Number.POSITIVE_INFINITY))
          chosen = fault
      }
      return chosen
    },
  }
}

/** Answers that come instead of the route's, before anything is charged; undefined = the route answers. */
export function insteadOf(fault: Fault): Reply | undefined {
  switch (fault.how) {
    case '451':
      return restricted()
    case '403':
      return forbidden()
    case '404':
      return html(404, 'Not Found')
    case 'html200':
      return signIn()
    case 'html502':
      return html(502, 'Bad Gateway')
    case 'html503':
      return html(503, 'Service Temporarily Unavailable')
    case 'html504':
      return html(504, 'Gateway Time-out')
    case 'status500':
      return json('{"code":-1000,"msg":"An unknown error occurred while processing the request."}', 500)
    case 'status503':
      return json(
        '{"code":-1008,"msg":"Server is currently overloaded with other requests. Please try again in a few minutes."}',
        503,
      )
    case '408':
      return json(
        '{"code":-1007,"msg":"Timeout waiting for response from backend server. Send status unknown; execution status unknown."}',
        408,
      )
    default:
      return undefined
  }
}

/** Sends the reply, whole or as the fault wants it. */
export async function send(response: ServerResponse, reply: Reply, fault: Fault | undefined): Promise<void> {
  const { status, headers } = reply
  const body = fault?.how === 'flip' ? flipped(reply.body) : reply.body
  const part = body.subarray(0, fault?.bytes ?? Math.floor(body.length / 2))
  const begin = (length: number) => response.writeHead(status, { ...headers, 'content-length': length })
  switch (fault?.how) {
    case 'truncate':
      begin(body.length)
      await written(response, part)
      response.destroy()
      return
    case 'stall':
      begin(body.length)
      await written(response, part)
      return
    case 'truncatedGzip':
    case 'wrongLength':
      // On the wire they are one: the announced length is kept, the body is cut.
      begin(part.length)
      response.end(part)
      return
    case 'slow':
      begin(body.length)
      await trickled(response, body, (fault.seconds ?? 1) * 1000)
      return
    case 'delay':
      await sleep((fault.seconds ?? 1) * 1000)
      break
  }
  begin(body.length)
  response.end(body)
}

function flipped(body: Buffer): Buffer {
  const copy = Buffer.from(body)
  copy[Math.floor(copy.length / 2)] ^= 1
  return copy
}

function written(response: ServerResponse, part: Buffer): Promise<void> {
  return new Promise((resolve) => response.write(part, () => resolve()))
}

async function trickled(response: ServerResponse, body: Buffer, milliseconds: number): Promise<void> {
  const steps = Math.max(1, Math.min(body.length, 40))
  for (let i = 0; i < steps && !response.destroyed; i++) {
    const [from, to] = [i, i + 1].map((k) => Math.floor((k * body.length) / steps))
    await written(response, body.subarray(from, to))
    await sleep(milliseconds / steps)
  }
  response.end()
}
