'use strict'
// Starts Haraka in this process on a free port; argument: the folder for its queue. Prints `listening <port>`.
const net = require('node:net')
const path = require('node:path')
const fs = require('node:fs')
const { spawn } = require('node:child_process')

const folder = process.argv[2]
const probe = net.createServer().listen(0, '127.0.0.1', () => {
  const { port } = probe.address()
  probe.close(() => start(port))
})

function start(port) {
  const config = path.join(folder, 'config')
  fs.mkdirSync(config, { recursive: true })
  fs.mkdirSync(path.join(folder, 'mails'), { recursive: true })
  fs.mkdirSync(path.join(folder, 'queue'), { recursive: true })
  fs.cpSync(path.join(__dirname, 'plugins'), path.join(folder, 'plugins'), { recursive: true })
  const files = {
    'smtp.ini': `listen=127.0.0.1:${port}\nnodes=0\n`,
    plugins: `${(process.env.BENCH_PLUGINS ?? 'rcpt_ours,fsynced_file').split(',').join('\n')}\n`,
    'log.ini': '[main]\nlevel=error\n',
    me: 'haraka.mailkeep.test\n',
    ...JSON.parse(process.env.BENCH_CONFIG ?? '{}'),
  }
  fs.cpSync(path.join(__dirname, 'node_modules/Haraka/config/connection.ini'), path.join(config, 'connection.ini'))
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(config, name), text)
  const child = spawn(process.execPath, [path.join(__dirname, 'node_modules/Haraka/bin/haraka'), '-c', folder], {
    env: { ...process.env, BENCH_QUEUE: path.join(folder, 'mails') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let told = ''
  const take = (chunk) => (told = (told + chunk).slice(-4_000))
  child.stdout.on('data', take)
  child.stderr.on('data', take)
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.on('exit', (code) => {
    if (code) process.stderr.write(told)
    process.exit(code ?? 0)
  })
  const ask = () => {
    const socket = net.connect({ port, host: '127.0.0.1' })
    socket.on('error', () => setTimeout(ask, 100))
    socket.on('data', () => {
      process.stdout.write(`listening ${port}\n`)
      socket.destroy()
    })
  }
  ask()
}
