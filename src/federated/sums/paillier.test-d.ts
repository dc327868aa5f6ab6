// The server of an encrypted sum has no place for a share of the key: misuse does not compile.
import type { PaillierKey } from '../../crypto/index.ts'
import { paillierServer, type PaillierSite } from './paillier.ts'

declare const key: PaillierKey
declare const site: PaillierSite

const server = paillierServer(key)
// @ts-expect-error -- a server contributes nothing, so it can never be asked for a share
void server.contribute
// @ts-expect-error -- a site's secrets are no public key
paillierServer(site)
