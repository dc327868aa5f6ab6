// Blobs in a bucket of S3, or of what speaks like it (MinIO, Ceph, the clouds' own): an object each, named by its hash. Requests are signed by aws4fetch (AWS Signature Version 4).
import { AwsClient } from 'aws4fetch'
import { sha256Hex, YimengError } from '../../base/index.ts'
import { type BlobStore, lostBlob } from './blob.ts'

const REQUEST_MS = 300_000

/** Address of the objects: by path where an endpoint is given, as servers of one's own want it, else the bucket's own name at Amazon. */
const addressOf = (bucket: string, prefix: string, region: string, endpoint: string | undefined): string => {
  const under = prefix === '' ? '' : `${prefix.replace(/\/+$/, '')}/`
  return endpoint === undefined
    ? `https://${bucket}.s3.${region}.amazonaws.com/${under}`
    : `${endpoint.replace(/\/+$/, '')}/${bucket}/${under}`
}

/** @throws YimengError `blob-place` for a place without a bucket, or without keys in `env` */
export const s3Blobs = (place: string, env: NodeJS.ProcessEnv): BlobStore => {
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(place) ?? []
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = env
  const { AWS_REGION: region = 'us-east-1', AWS_ENDPOINT_URL: endpoint } = env
  if (bucket === '' || accessKeyId === undefined || secretAccessKey === undefined)
    throw new YimengError({
      code: 'blob-place',
      cannot: 'keep blobs',
      expected: 's3://bucket/prefix, with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY set',
      got: bucket === '' ? 'no bucket' : 'no keys',
    })
  const client = new AwsClient({
    accessKeyId,
    secretAccessKey,
    ...(sessionToken === undefined ? {} : { sessionToken }),
    region,
    service: 's3',
    retries: 4,
  })
  const address = addressOf(bucket, prefix, region, endpoint)
  const asked = async (method: 'GET' | 'PUT' | 'DELETE', hash: string, body?: Uint8Array): Promise<Response> => {
    const signal = AbortSignal.timeout(REQUEST_MS)
    try {
      return await client.fetch(address + hash, { method, signal, ...(body === undefined ? {} : { body: new Uint8Array(body) }) })
    } catch (cause) {
      throw lostBlob(hash, 'no answer of the store', cause)
    }
  }
  const refused = async (hash: string, { status, body }: Response): Promise<YimengError> => {
    await body?.cancel()
    return lostBlob(hash, `status ${status} of the store`)
  }
  return {
    put: async (bytes) => {
      const hash = sha256Hex(bytes)
      const answer = await asked('PUT', hash, bytes)
      if (!answer.ok) throw await refused(hash, answer)
      await answer.body?.cancel()
      return hash
    },
    get: async (hash) => {
      const answer = await asked('GET', hash)
      if (!answer.ok) throw await refused(hash, answer)
      const bytes = new Uint8Array(await answer.arrayBuffer())
      if (sha256Hex(bytes) !== hash) throw lostBlob(hash, 'others')
      return bytes
    },
    remove: async (hash) => {
      const answer = await asked('DELETE', hash)
      if (!answer.ok && answer.status !== 404) throw await refused(hash, answer)
      await answer.body?.cancel()
    },
  }
}
