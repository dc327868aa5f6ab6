// What the commands of the alliance say, in three languages.
import type { Language } from '../../judge/index.ts'
import type { CheckStep, Departure } from '../../node/index.ts'

/** Texts of the commands. */
export interface AllianceTexts {
  readonly up: string
  readonly invite: string
  readonly nodes: string
  readonly node: string
  readonly nodeJoin: string
  readonly nodeStart: string
  readonly nodeStatus: string
  readonly nodeApprove: string
  readonly nodeData: string
  readonly nodeDataAdd: string
  readonly alliance: string
  readonly allianceRun: string
  readonly runsCancel: string
  readonly allianceRevoke: string
  readonly demo: string
  readonly audit: string
  readonly auditVerify: string
  readonly metrics: string
  readonly log: string
  readonly nodeCheck: string
  readonly nodeDryRun: string
  readonly dryOut: string
  readonly dryRows: (train: number, test: number) => string
  readonly departures: Readonly<Record<Departure['what'], (frames: number, bytes: number, parameters: number) => string>>
  readonly dryPlain: string
  readonly dryHidden: (sum: string) => string
  readonly dryAllowed: string
  readonly dryRefused: (reason: string) => string
  readonly dryFiles: (folder: string) => string
  readonly nodePolicy: string
  readonly allowedTasks: string
  readonly allowedSums: string
  readonly smallestCohort: string
  readonly largestEpsilon: string
  readonly hours: string
  readonly invitee: string
  readonly role: string
  readonly personFolder: string
  readonly database: string
  readonly allianceJoin: string
  readonly allianceRuns: string
  readonly auditShow: string
  readonly last: string
  readonly runsWatch: string
  readonly url: string
  readonly code: string
  readonly csv: string
  readonly hash: string
  readonly run: string
  readonly target: string
  readonly coordinatorFolder: string
  readonly nodeFolder: string
  readonly host: string
  readonly port: string
  readonly name: string
  readonly task: string
  readonly test: string
  readonly sites: string
  readonly approval: string
  readonly rounds: string
  readonly listening: (url: string) => string
  readonly stopHint: string
  readonly personInvited: (name: string, role: string, url: string, code: string) => string
  readonly personJoined: (name: string, url: string) => string
  readonly roles: Readonly<Record<'operator' | 'scientist' | 'steward' | 'viewer', string>>
  readonly invited: (site: string, url: string, code: string) => string
  readonly joined: (site: string, url: string) => string
  readonly bound: (task: string, train: number, test: number) => string
  readonly unknownLevels: (column: string, cells: number) => string
  readonly started: (site: string, url: string) => string
  readonly connected: string
  readonly unreachable: (cause: string) => string
  readonly declined: (run: string, reason: string) => string
  readonly approveHint: (hash: string) => string
  readonly takesPart: (run: string, train: number, test: number) => string
  readonly received: (run: string, hash: string, file: string) => string
  readonly approved: (hash: string) => string
  readonly begun: (run: string, hash: string) => string
  readonly siteDeclined: (site: string, reason: string) => string
  readonly siteReady: (site: string, rows: number) => string
  readonly round: (round: number, rounds: number, counted: number, loss: string, ms: number) => string
  readonly aborted: (round: number, cause: string) => string
  readonly resumed: (round: number) => string
  readonly finished: (rounds: number, seconds: string, hash: string) => string
  readonly failed: (message: string) => string
  readonly cancelled: string
  readonly readable: string
  readonly demoBegins: (sites: number) => string
  readonly demoSame: string
  readonly demoOther: string
  readonly revoked: (site: string) => string
  readonly auditSound: (entries: number, checkpoints: number, head: string) => string
  readonly auditBroken: (entry: number, cause: string) => string
  readonly checks: Readonly<Record<CheckStep, string>>
  /** What to do about a step that failed. */
  readonly checkHints: Readonly<Record<CheckStep, string>>
  readonly checkedWell: string
  readonly heads: readonly [
    site: string,
    state: string,
    seen: string,
    roundTrip: string,
    load: string,
    memory: string,
    disk: string,
    certificate: string,
  ]
  readonly states: Readonly<Record<'never' | 'ready' | 'training' | 'lost' | 'declined' | 'revoked', string>>
}

const en: AllianceTexts = {
  up: 'start the coordinator of an alliance',
  invite: 'make a one-time code with which a site joins',
  nodes: 'show the sites of the alliance',
  node: 'the node of a site',
  nodeJoin: 'join an alliance: the key is made here and stays here',
  nodeStart: 'start the node: it asks the coordinator for work, over outbound connections only',
  nodeStatus: 'show who this node is, its data and its rules',
  nodeApprove: 'approve the run whose spec has this hash',
  nodeData: 'the data of a site',
  nodeDataAdd: 'bind a file of the site to a task; it stays where it is',
  alliance: 'runs over several sites',
  allianceRun: 'train over the sites of the alliance, and watch',
  runsCancel: 'stop a run for good',
  allianceRevoke: 'shut a site out: its certificates are refused from now on',
  demo: 'an alliance on this machine: a coordinator and a node for each site in processes of their own; compares the model with one process',
  audit: 'the audit log of the coordinator',
  auditVerify: 'check that no entry of the audit log was changed',
  metrics: 'a second port, on 127.0.0.1, with figures for Prometheus',
  log: 'write what happens to standard error as JSON lines, without values of data',
  nodeCheck: 'try whether the coordinator can be reached from here: name, proxy, port, certificate, clock',
  nodeDryRun: 'show what a run would take from this site; nothing leaves it',
  dryOut: 'folder for the very bytes that would leave',
  dryRows: (train, test) => `${train} rows to train on and ${test} to measure by stay here. What would leave:`,
  departures: {
    statistics: (frames, bytes) => `once: statistics of the columns, ${bytes} bytes in ${frames} frames`,
    update: (frames, bytes, parameters) => `each round: an update of ${parameters} parameters, ${bytes} bytes in ${frames} frames`,
    words: (frames, bytes) =>
      `besides: the number of rows, and who is ready, ${bytes} bytes in ${frames} frames; after the run, measures on the test rows`,
  },
  dryPlain: 'Plain sum: the coordinator can read the statistics and each update of this site.',
  dryHidden: (sum) => `Sum ${sum}: the coordinator reads only sums over the sites of a round.`,
  dryAllowed: 'The policy of this site allows it.',
  dryRefused: (reason) => `This site would not take part: ${reason}`,
  dryFiles: (folder) => `The bytes, and statistics.json, are in ${folder}`,
  nodePolicy: 'show or change what this site allows',
  allowedTasks: 'tasks that the site takes part in',
  allowedSums: 'ways to add up that it accepts: plain, masked, encrypted',
  smallestCohort: 'fewest sites that an update is mixed with',
  largestEpsilon: 'largest ε of differential privacy',
  hours: 'times of day at which it joins runs, as 22:00-06:00',
  invitee: 'name of the site or person',
  role: 'site: a node; operator, scientist, steward, viewer: a person',
  personFolder: 'folder of the coordinator, or of a person who has joined',
  database: 'PostgreSQL database: postgres://user@host/name; the password in PGPASSWORD, or the whole URL in YIMENG_DATABASE',
  allianceJoin: 'join an alliance as a person, with a code from its operator',
  allianceRuns: 'list the runs of the alliance',
  auditShow: 'show the latest entries of the audit log',
  last: 'how many entries',
  runsWatch: 'follow a run of the alliance to its end',
  url: 'address of the coordinator: https://host:port',
  code: 'the one-time code from the coordinator',
  csv: 'CSV file with a header line',
  hash: 'hash of the spec, or its first 12 characters',
  run: 'name of the run',
  target: 'a task or a spec file',
  coordinatorFolder: 'folder of the coordinator',
  nodeFolder: 'folder of the node',
  host: 'address to listen on; 0.0.0.0 for all',
  port: 'port to listen on',
  name: 'a name or address that nodes reach the coordinator by; may be given again',
  task: 'a task or a spec file with a table',
  test: 'CSV file with rows to measure by; without it a share of the rows',
  sites: 'sites that take part; all when left out',
  approval: 'each: the steward approves every run; all: what the policy allows runs',
  rounds: 'rounds of training',
  listening: (url) => `The coordinator listens at ${url}`,
  stopHint: 'Ctrl-C stops it; runs go on when it is started again.',
  personInvited: (name, role, url, code) =>
    `On the machine of ${name}, ${role} (the code works once, for seven days):\n  yimeng alliance join ${url} ${code}`,
  personJoined: (name, url) => `This machine now speaks as ${name} in the alliance of ${url}`,
  roles: { operator: 'operator', scientist: 'data scientist', steward: 'data steward', viewer: 'viewer' },
  invited: (site, url, code) => `On the machine of ${site} (the code works once, for seven days):\n  yimeng node join ${url} ${code}`,
  joined: (site, url) => `This is now the node of ${site} in the alliance of ${url}`,
  bound: (task, train, test) =>
    `Bound to ${task}: ${train} rows${test > 0 ? ` and ${test} to measure by` : ''}. Nothing has left this machine.`,
  unknownLevels: (column, cells) => `Column ${column}: ${cells} cells hold a category that the task does not know`,
  started: (site, url) => `Node of ${site}, coordinator ${url}`,
  connected: 'connected',
  unreachable: (cause) => `the coordinator cannot be reached (${cause}); trying again`,
  declined: (run, reason) => `run ${run}: not taking part: ${reason}`,
  approveHint: (hash) => `  to allow it: yimeng node approve ${hash}`,
  takesPart: (run, train, test) => `run ${run}: taking part with ${train} rows, ${test} to measure by`,
  received: (run, hash, file) => `run ${run}: model ${hash.slice(0, 12)} → ${file}`,
  approved: (hash) => `Approved ${hash}`,
  begun: (run, hash) => `Run ${run}, spec ${hash.slice(0, 12)}; waiting for the sites`,
  siteDeclined: (site, reason) => `${site}: ${reason}`,
  siteReady: (site, rows) => `${site} is ready: ${rows} rows`,
  round: (round, rounds, counted, loss, ms) => `round ${round}/${rounds}  ${counted} sites  loss ${loss}  ${ms} ms`,
  aborted: (round, cause) => `round ${round} aborted: ${cause}`,
  resumed: (round) => `going on after round ${round}`,
  finished: (rounds, seconds, hash) => `${rounds} rounds in ${seconds} s. Model ${hash}`,
  failed: (message) => `The run failed: ${message}`,
  cancelled: 'The run was cancelled.',
  readable: 'Plain sum: the coordinator can read each site’s update.',
  demoBegins: (sites) => `A coordinator and ${sites} nodes, each a process with a folder of its own`,
  demoSame: 'The same run in one process gives the same model, bit for bit.',
  demoOther: 'The same run in one process gives ANOTHER model.',
  revoked: (site) => `${site} is shut out`,
  auditSound: (entries, checkpoints, head) => `Sound: ${entries} entries, ${checkpoints} signed checkpoints, head ${head.slice(0, 16)}`,
  auditBroken: (entry, cause) => `BROKEN at entry ${entry}: ${cause}`,
  checks: {
    name: 'name',
    connection: 'connection',
    coordinator: 'coordinator',
    certificate: 'certificate',
    alliance: 'alliance',
    clock: 'clock',
    roundTrip: 'round trip',
  },
  checkHints: {
    name: 'The name is not known here. Ask for its DNS entry, or use the address.',
    connection:
      'Nothing answers. Ask your IT department to allow one outgoing TCP connection to this host and port (docs/it-department.md).',
    coordinator: 'Something else answers there: check host and port, or a proxy that answers for others.',
    certificate: 'A proxy between you and the coordinator opens TLS. Ask for this host to be excepted from inspection.',
    alliance: 'This node has joined another alliance.',
    clock: 'The clock of this machine is wrong. Turn on time synchronisation.',
    roundTrip: '',
  },
  checkedWell: 'All well: a node on this machine can take part.',
  heads: ['site', 'state', 'seen', 'round trip', 'load / CPUs', 'free memory', 'free disk', 'certificate until'],
  states: { never: 'never seen', ready: 'ready', training: 'training', lost: 'lost', declined: 'declines', revoked: 'shut out' },
}

const zhCN: AllianceTexts = {
  up: '启动联盟的协调方',
  invite: '生成站点加入联盟用的一次性邀请码',
  nodes: '查看联盟中的站点',
  node: '站点的节点',
  nodeJoin: '加入联盟：密钥在本机生成，不会离开本机',
  nodeStart: '启动节点：只通过出站连接向协调方领取任务',
  nodeStatus: '查看本节点的身份、数据和规则',
  nodeApprove: '批准具有该规格哈希的运行',
  nodeData: '站点的数据',
  nodeDataAdd: '将站点的文件绑定到任务；文件留在原处',
  alliance: '跨站点的运行',
  allianceRun: '在联盟各站点上训练并查看进度',
  runsCancel: '彻底停止一次运行',
  allianceRevoke: '排除站点：其证书从现在起不再被接受',
  demo: '在本机组建联盟：一个协调方，每个站点一个节点，各为独立进程；并与单进程结果对比',
  audit: '协调方的审计日志',
  auditVerify: '检查审计日志是否被改动',
  metrics: '第二个端口（127.0.0.1），供 Prometheus 采集指标',
  log: '将事件以 JSON 行写到标准错误，不含任何数据值',
  nodeCheck: '检查本机能否连到协调方：名称、代理、端口、证书、时钟',
  nodeDryRun: '显示一次运行会从本站点取走什么；不会外发任何内容',
  dryOut: '保存将外发的原始字节的文件夹',
  dryRows: (train, test) => `${train} 行训练数据和 ${test} 行评估数据留在本机。会外发的内容：`,
  departures: {
    statistics: (frames, bytes) => `一次：各列的统计量，${frames} 帧共 ${bytes} 字节`,
    update: (frames, bytes, parameters) => `每轮：${parameters} 个参数的更新，${frames} 帧共 ${bytes} 字节`,
    words: (frames, bytes) => `此外：行数和就绪状态，${frames} 帧共 ${bytes} 字节；运行结束后还有评估行上的指标`,
  },
  dryPlain: '明文求和：协调方可以读取本站点的统计量和每次更新。',
  dryHidden: (sum) => `求和方式 ${sum}：协调方只能读到一轮中各站点之和。`,
  dryAllowed: '本站点的规则允许该运行。',
  dryRefused: (reason) => `本站点不会参与：${reason}`,
  dryFiles: (folder) => `原始字节和 statistics.json 位于 ${folder}`,
  nodePolicy: '查看或修改本站点允许的内容',
  allowedTasks: '站点参与的任务',
  allowedSums: '接受的求和方式：plain、masked、encrypted',
  smallestCohort: '一次更新至少要与多少站点混合',
  largestEpsilon: '差分隐私的最大 ε',
  hours: '允许加入运行的时段，如 22:00-06:00',
  invitee: '站点或人员的名称',
  role: 'site：节点；operator、scientist、steward、viewer：人员',
  personFolder: '协调方的文件夹，或已加入人员的文件夹',
  database: 'PostgreSQL 数据库：postgres://用户@主机/库名；密码放在 PGPASSWORD，或将整个 URL 放在 YIMENG_DATABASE',
  allianceJoin: '凭运营方给出的邀请码以人员身份加入联盟',
  allianceRuns: '列出联盟的运行',
  auditShow: '查看审计日志的最新记录',
  last: '记录条数',
  runsWatch: '跟踪联盟的一次运行直到结束',
  url: '协调方地址：https://主机:端口',
  code: '协调方给出的一次性邀请码',
  csv: '带标题行的 CSV 文件',
  hash: '规格的哈希，或其前 12 个字符',
  run: '运行的名称',
  target: '任务或规格文件',
  coordinatorFolder: '协调方的文件夹',
  nodeFolder: '节点的文件夹',
  host: '监听地址；0.0.0.0 表示全部',
  port: '监听端口',
  name: '节点访问协调方所用的名称或地址；可多次给出',
  task: '任务，或含表格的规格文件',
  test: '用于评估的 CSV 文件；不给出则从数据中留出一部分',
  sites: '参与的站点；不给出则为全部',
  approval: 'each：每次运行由数据管理员批准；all：策略允许的都运行',
  rounds: '训练轮数',
  listening: (url) => `协调方正在监听 ${url}`,
  stopHint: '按 Ctrl-C 停止；再次启动后运行会继续。',
  personInvited: (name, role, url, code) =>
    `请在 ${name}（${role}）的机器上执行（邀请码只能用一次，七天内有效）：\n  yimeng alliance join ${url} ${code}`,
  personJoined: (name, url) => `本机现在以 ${name} 的身份加入 ${url} 的联盟`,
  roles: { operator: '运营方', scientist: '数据科学家', steward: '数据管理员', viewer: '查看者' },
  invited: (site, url, code) => `请在 ${site} 的机器上执行（邀请码只能用一次，七天内有效）：\n  yimeng node join ${url} ${code}`,
  joined: (site, url) => `本机已成为 ${url} 联盟中 ${site} 的节点`,
  bound: (task, train, test) => `已绑定到 ${task}：${train} 行${test > 0 ? `，另有 ${test} 行用于评估` : ''}。没有任何数据离开本机。`,
  unknownLevels: (column, cells) => `列 ${column}：有 ${cells} 个单元格的类别不在任务中`,
  started: (site, url) => `${site} 的节点，协调方 ${url}`,
  connected: '已连接',
  unreachable: (cause) => `无法连接协调方（${cause}），正在重试`,
  declined: (run, reason) => `运行 ${run}：不参与：${reason}`,
  approveHint: (hash) => `  如需允许：yimeng node approve ${hash}`,
  takesPart: (run, train, test) => `运行 ${run}：以 ${train} 行参与训练，${test} 行用于评估`,
  received: (run, hash, file) => `运行 ${run}：模型 ${hash.slice(0, 12)} → ${file}`,
  approved: (hash) => `已批准 ${hash}`,
  begun: (run, hash) => `运行 ${run}，规格 ${hash.slice(0, 12)}；正在等待站点`,
  siteDeclined: (site, reason) => `${site}：${reason}`,
  siteReady: (site, rows) => `${site} 已就绪：${rows} 行`,
  round: (round, rounds, counted, loss, ms) => `第 ${round}/${rounds} 轮  ${counted} 个站点  损失 ${loss}  ${ms} 毫秒`,
  aborted: (round, cause) => `第 ${round} 轮中止：${cause}`,
  resumed: (round) => `从第 ${round} 轮之后继续`,
  finished: (rounds, seconds, hash) => `${rounds} 轮，用时 ${seconds} 秒。模型 ${hash}`,
  failed: (message) => `运行失败：${message}`,
  cancelled: '运行已取消。',
  readable: '明文求和：协调方可以读取每个站点的更新。',
  demoBegins: (sites) => `一个协调方和 ${sites} 个节点，各为独立进程，各有自己的文件夹`,
  demoSame: '同一运行在单进程中得到逐位相同的模型。',
  demoOther: '同一运行在单进程中得到了不同的模型。',
  revoked: (site) => `已排除 ${site}`,
  auditSound: (entries, checkpoints, head) => `完好：${entries} 条记录，${checkpoints} 个签名检查点，链首 ${head.slice(0, 16)}`,
  auditBroken: (entry, cause) => `第 ${entry} 条记录已损坏：${cause}`,
  checks: {
    name: '名称',
    connection: '连接',
    coordinator: '协调方',
    certificate: '证书',
    alliance: '联盟',
    clock: '时钟',
    roundTrip: '往返',
  },
  checkHints: {
    name: '本机无法解析该名称。请申请 DNS 记录，或直接使用地址。',
    connection: '没有响应。请信息科放行一个到该主机和端口的出站 TCP 连接（见 docs/it-department.md）。',
    coordinator: '该处响应的不是协调方：请检查主机和端口，或是否有代理代为应答。',
    certificate: '您与协调方之间的代理正在解密 TLS。请将该主机排除在检查之外。',
    alliance: '本节点已加入另一个联盟。',
    clock: '本机时钟不准。请启用时间同步。',
    roundTrip: '',
  },
  checkedWell: '一切正常：本机上的节点可以参与。',
  heads: ['站点', '状态', '最近联系', '往返', '负载 / CPU', '空闲内存', '空闲磁盘', '证书有效期至'],
  states: { never: '从未联系', ready: '就绪', training: '训练中', lost: '失联', declined: '不参与', revoked: '已排除' },
}

const zhTW: AllianceTexts = {
  up: '啟動聯盟的協調方',
  invite: '產生站點加入聯盟用的一次性邀請碼',
  nodes: '檢視聯盟中的站點',
  node: '站點的節點',
  nodeJoin: '加入聯盟：金鑰在本機產生，不會離開本機',
  nodeStart: '啟動節點：只透過對外連線向協調方領取工作',
  nodeStatus: '檢視本節點的身分、資料和規則',
  nodeApprove: '核准具有該規格雜湊的執行',
  nodeData: '站點的資料',
  nodeDataAdd: '將站點的檔案綁定到任務；檔案留在原處',
  alliance: '跨站點的執行',
  allianceRun: '在聯盟各站點上訓練並檢視進度',
  runsCancel: '徹底停止一次執行',
  allianceRevoke: '排除站點：其憑證從現在起不再被接受',
  demo: '在本機組成聯盟：一個協調方，每個站點一個節點，各為獨立程序；並與單一程序的結果比較',
  audit: '協調方的稽核日誌',
  auditVerify: '檢查稽核日誌是否遭到改動',
  metrics: '第二個連接埠（127.0.0.1），供 Prometheus 採集指標',
  log: '將事件以 JSON 行寫到標準錯誤，不含任何資料值',
  nodeCheck: '檢查本機能否連到協調方：名稱、代理、連接埠、憑證、時鐘',
  nodeDryRun: '顯示一次執行會從本站點取走什麼；不會外送任何內容',
  dryOut: '存放將外送的原始位元組的資料夾',
  dryRows: (train, test) => `${train} 列訓練資料和 ${test} 列評估資料留在本機。會外送的內容：`,
  departures: {
    statistics: (frames, bytes) => `一次：各欄的統計量，${frames} 個訊框共 ${bytes} 位元組`,
    update: (frames, bytes, parameters) => `每輪：${parameters} 個參數的更新，${frames} 個訊框共 ${bytes} 位元組`,
    words: (frames, bytes) => `此外：列數和就緒狀態，${frames} 個訊框共 ${bytes} 位元組；執行結束後還有評估列上的指標`,
  },
  dryPlain: '明文求和：協調方可以讀取本站點的統計量和每次更新。',
  dryHidden: (sum) => `求和方式 ${sum}：協調方只能讀到一輪中各站點之和。`,
  dryAllowed: '本站點的規則允許該執行。',
  dryRefused: (reason) => `本站點不會參與：${reason}`,
  dryFiles: (folder) => `原始位元組和 statistics.json 位於 ${folder}`,
  nodePolicy: '檢視或修改本站點允許的內容',
  allowedTasks: '站點參與的任務',
  allowedSums: '接受的求和方式：plain、masked、encrypted',
  smallestCohort: '一次更新至少要與多少站點混合',
  largestEpsilon: '差分隱私的最大 ε',
  hours: '允許加入執行的時段，如 22:00-06:00',
  invitee: '站點或人員的名稱',
  role: 'site：節點；operator、scientist、steward、viewer：人員',
  personFolder: '協調方的資料夾，或已加入人員的資料夾',
  database: 'PostgreSQL 資料庫：postgres://使用者@主機/庫名；密碼放在 PGPASSWORD，或將整個 URL 放在 YIMENG_DATABASE',
  allianceJoin: '憑營運方給出的邀請碼以人員身分加入聯盟',
  allianceRuns: '列出聯盟的執行',
  auditShow: '檢視稽核日誌的最新紀錄',
  last: '紀錄筆數',
  runsWatch: '追蹤聯盟的一次執行直到結束',
  url: '協調方位址：https://主機:連接埠',
  code: '協調方給出的一次性邀請碼',
  csv: '有標題列的 CSV 檔案',
  hash: '規格的雜湊，或其前 12 個字元',
  run: '執行的名稱',
  target: '任務或規格檔',
  coordinatorFolder: '協調方的資料夾',
  nodeFolder: '節點的資料夾',
  host: '監聽位址；0.0.0.0 表示全部',
  port: '監聽連接埠',
  name: '節點存取協調方所用的名稱或位址；可多次給出',
  task: '任務，或含表格的規格檔',
  test: '用於評估的 CSV 檔案；不給出則從資料中留出一部分',
  sites: '參與的站點；不給出則為全部',
  approval: 'each：每次執行由資料管理員核准；all：策略允許的都執行',
  rounds: '訓練輪數',
  listening: (url) => `協調方正在監聽 ${url}`,
  stopHint: '按 Ctrl-C 停止；再次啟動後執行會繼續。',
  personInvited: (name, role, url, code) =>
    `請在 ${name}（${role}）的機器上執行（邀請碼只能用一次，七天內有效）：\n  yimeng alliance join ${url} ${code}`,
  personJoined: (name, url) => `本機現在以 ${name} 的身分加入 ${url} 的聯盟`,
  roles: { operator: '營運方', scientist: '資料科學家', steward: '資料管理員', viewer: '檢視者' },
  invited: (site, url, code) => `請在 ${site} 的機器上執行（邀請碼只能用一次，七天內有效）：\n  yimeng node join ${url} ${code}`,
  joined: (site, url) => `本機已成為 ${url} 聯盟中 ${site} 的節點`,
  bound: (task, train, test) => `已綁定到 ${task}：${train} 列${test > 0 ? `，另有 ${test} 列用於評估` : ''}。沒有任何資料離開本機。`,
  unknownLevels: (column, cells) => `欄 ${column}：有 ${cells} 個儲存格的類別不在任務中`,
  started: (site, url) => `${site} 的節點，協調方 ${url}`,
  connected: '已連線',
  unreachable: (cause) => `無法連線協調方（${cause}），正在重試`,
  declined: (run, reason) => `執行 ${run}：不參與：${reason}`,
  approveHint: (hash) => `  如需允許：yimeng node approve ${hash}`,
  takesPart: (run, train, test) => `執行 ${run}：以 ${train} 列參與訓練，${test} 列用於評估`,
  received: (run, hash, file) => `執行 ${run}：模型 ${hash.slice(0, 12)} → ${file}`,
  approved: (hash) => `已核准 ${hash}`,
  begun: (run, hash) => `執行 ${run}，規格 ${hash.slice(0, 12)}；正在等待站點`,
  siteDeclined: (site, reason) => `${site}：${reason}`,
  siteReady: (site, rows) => `${site} 已就緒：${rows} 列`,
  round: (round, rounds, counted, loss, ms) => `第 ${round}/${rounds} 輪  ${counted} 個站點  損失 ${loss}  ${ms} 毫秒`,
  aborted: (round, cause) => `第 ${round} 輪中止：${cause}`,
  resumed: (round) => `從第 ${round} 輪之後繼續`,
  finished: (rounds, seconds, hash) => `${rounds} 輪，用時 ${seconds} 秒。模型 ${hash}`,
  failed: (message) => `執行失敗：${message}`,
  cancelled: '執行已取消。',
  readable: '明文求和：協調方可以讀取每個站點的更新。',
  demoBegins: (sites) => `一個協調方和 ${sites} 個節點，各為獨立程序，各有自己的資料夾`,
  demoSame: '同一執行在單一程序中得到逐位元相同的模型。',
  demoOther: '同一執行在單一程序中得到了不同的模型。',
  revoked: (site) => `已排除 ${site}`,
  auditSound: (entries, checkpoints, head) => `完好：${entries} 筆紀錄，${checkpoints} 個簽章檢查點，鏈首 ${head.slice(0, 16)}`,
  auditBroken: (entry, cause) => `第 ${entry} 筆紀錄已損壞：${cause}`,
  checks: {
    name: '名稱',
    connection: '連線',
    coordinator: '協調方',
    certificate: '憑證',
    alliance: '聯盟',
    clock: '時鐘',
    roundTrip: '往返',
  },
  checkHints: {
    name: '本機無法解析該名稱。請申請 DNS 紀錄，或直接使用位址。',
    connection: '沒有回應。請資訊室放行一個到該主機和連接埠的對外 TCP 連線（見 docs/it-department.md）。',
    coordinator: '該處回應的不是協調方：請檢查主機和連接埠，或是否有代理代為回應。',
    certificate: '您與協調方之間的代理正在解密 TLS。請將該主機排除在檢查之外。',
    alliance: '本節點已加入另一個聯盟。',
    clock: '本機時鐘不準。請啟用時間同步。',
    roundTrip: '',
  },
  checkedWell: '一切正常：本機上的節點可以參與。',
  heads: ['站點', '狀態', '最近聯絡', '往返', '負載 / CPU', '可用記憶體', '可用磁碟', '憑證有效期至'],
  states: { never: '從未聯絡', ready: '就緒', training: '訓練中', lost: '失聯', declined: '不參與', revoked: '已排除' },
}

/** The catalogue of each language. */
export const allianceTexts: Readonly<Record<Language, AllianceTexts>> = { en, 'zh-CN': zhCN, 'zh-TW': zhTW }
