// A report's HTML document: everything inline, no script, and nothing is fetched, whatever a name in the data tries.
import { escaped, type Markup, raw } from './markup.ts'
import { style } from './style.ts'

/** The document around a body. `pictures`: the body holds pictures as data URIs. */
export const document = (of: {
  readonly locale: string
  readonly title: string
  readonly body: Markup
  readonly pictures?: boolean
}): string => {
  const images = of.pictures === true ? '; img-src data:' : ''
  return [
    `<!doctype html><html lang="${of.locale}"><head><meta charset="utf-8"/>`,
    '<meta name="viewport" content="width=device-width,initial-scale=1"/>',
    `<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'${images}"/>`,
    `<title>${escaped(of.title)}</title><style>${raw(style).markup}</style></head><body>`,
    of.body.markup,
    '</body></html>\n',
  ].join('\n')
}
