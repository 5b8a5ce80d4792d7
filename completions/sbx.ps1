# PowerShell completion for sbx

Register-ArgumentCompleter -Native -CommandName 'sbx' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @{
        '' = @('run', 'batch', 'create', 'exec', 'eval', 'shell', 'repl', 'cp', 'files', 'port', 'logs', 'wait', 'ps', 'ls', 'stats', 'inspect', 'extend', 'allow', 'deny', 'pause', 'resume', 'stop', 'kill', 'rm', 'serve', 'daemon', 'runs', 'doctor', 'image', 'pool', 'prune', 'lang', 'cache', 'config', 'key', 'bench', 'completion', 'version', '-h', '--help', '--version')
        'run' = @('-h', '--help', '-c', '--lang', '--entry', '--all', '--template', '--image', '--pull', '--with', '--requirements', '--no-libraries', '--offline', '--upgrade', '--timeout', '--grace', '--memory', '--cpus', '--pids', '--disk', '--max-output', '--cpu-time', '--compile-timeout', '--install-timeout', '--pull-timeout', '--net', '--allow', '-v', '--file', '--output', '--artifacts', '--workdir', '-e', '--env', '--env-file', '-t', '--tty', '-T', '--no-tty', '-i', '--interactive', '--json', '--ndjson', '--meta', '-q', '--quiet', '--timing', '--label', '--no-pool', '--debug', '--config', '--host', '--direct')
        'batch' = @('-h', '--help', '-j', '--jobs', '--ordered', '-o', '--results', '--resume', '--junit', '--check', '--reuse', '-q', '--quiet', '--lang', '--template', '--image', '--pull', '--with', '--requirements', '--no-libraries', '--offline', '--upgrade', '--timeout', '--grace', '--memory', '--cpus', '--pids', '--disk', '--max-output', '--cpu-time', '--compile-timeout', '--install-timeout', '--pull-timeout', '--net', '--allow', '-v', '--file', '--all', '--workdir', '-e', '--env', '--env-file', '--label', '--no-pool', '--debug', '--config', '--host', '--direct')
        'create' = @('-h', '--help', '--lang', '--template', '--image', '--pull', '--with', '--requirements', '--no-libraries', '--offline', '--upgrade', '--memory', '--cpus', '--pids', '--disk', '--net', '--allow', '-v', '--file', '--all', '--workdir', '-e', '--env', '--env-file', '--label', '--debug', '--json', '-q', '--quiet', '--config', '--name', '--ttl', '--idle-timeout', '--host', '--direct')
        'exec' = @('-h', '--help', '-d', '--detach', '--timeout', '--grace', '--max-output', '--cpu-time', '--workdir', '-e', '--env', '--env-file', '-t', '--tty', '-T', '--no-tty', '-i', '--interactive', '--json', '--ndjson', '--meta', '-q', '--quiet', '--timing', '--config', '--host', '--direct')
        'eval' = @('-h', '--help', '--context', '--restart', '--variables', '-c', '--lang', '-i', '--interactive', '--timeout', '--grace', '--max-output', '--artifacts', '--json', '--ndjson', '--meta', '-q', '--quiet', '--timing', '--config', '--host', '--direct')
        'shell' = @('-h', '--help', '--lang', '--template', '--image', '--pull', '--with', '--requirements', '--no-libraries', '--offline', '--upgrade', '--memory', '--cpus', '--pids', '--disk', '--net', '--allow', '-v', '--file', '--all', '--workdir', '-e', '--env', '--env-file', '--label', '--config', '--host', '--direct')
        'repl' = @('python', 'javascript', 'typescript', 'bash', 'c', 'cpp', 'java', 'go', 'rust', 'ruby', 'php', 'perl', 'lua', 'r', 'd', 'fortran', 'haskell', 'csharp', 'kotlin', 'scala', 'sqlite', '-h', '--help', '--sandbox', '--context', '--artifacts', '--template', '--image', '--pull', '--with', '--requirements', '--no-libraries', '--offline', '--upgrade', '--memory', '--cpus', '--pids', '--disk', '--net', '--allow', '-v', '--file', '--all', '--workdir', '-e', '--env', '--env-file', '--label', '--config', '--host', '--direct')
        'cp' = @('-h', '--help', '-q', '--quiet', '--json', '--config', '--host', '--direct')
        'files' = @('ls', 'cat', 'write', 'mkdir', 'mv', 'rm', 'stat', 'watch', '-h', '--help')
        'files ls' = @('-h', '--help', '-r', '--recursive', '-q', '--quiet', '--json', '--config', '--host', '--direct')
        'files cat' = @('-h', '--help', '--config', '--host', '--direct')
        'files write' = @('-h', '--help', '-a', '--append', '--json', '--config', '--host', '--direct')
        'files mkdir' = @('-h', '--help', '--json', '--config', '--host', '--direct')
        'files mv' = @('-h', '--help', '--json', '--config', '--host', '--direct')
        'files rm' = @('-h', '--help', '-r', '--recursive', '--json', '--config', '--host', '--direct')
        'files stat' = @('-h', '--help', '--json', '--config', '--host', '--direct')
        'files watch' = @('-h', '--help', '-r', '--recursive', '--ndjson', '--config', '--host', '--direct')
        'port' = @('-h', '--help', '--listen', '--json', '--config', '--host', '--direct')
        'logs' = @('-h', '--help', '-f', '--follow', '--config', '--host', '--direct')
        'wait' = @('-h', '--help', '--json', '--config', '--host', '--direct')
        'ps' = @('-h', '--help', '-a', '--all', '--filter', '--json', '-q', '--quiet', '--config', '--host', '--direct')
        'ls' = @('-h', '--help', '-a', '--all', '--filter', '--json', '-q', '--quiet', '--config', '--host', '--direct')
        'stats' = @('-h', '--help', '-w', '--watch', '--ndjson', '--json', '--config', '--host', '--direct')
        'inspect' = @('-h', '--help', '--json', '--config', '--host', '--direct')
        'extend' = @('-h', '--help', '--ttl', '--json', '--config', '--host', '--direct')
        'allow' = @('-h', '--help', '--json', '--config', '--host', '--direct')
        'deny' = @('-h', '--help', '--json', '--config', '--host', '--direct')
        'pause' = @('-h', '--help', '--json', '--config', '--host', '--direct')
        'resume' = @('-h', '--help', '--json', '--config', '--host', '--direct')
        'stop' = @('-h', '--help', '--grace', '--json', '-q', '--quiet', '--config', '--host', '--direct')
        'kill' = @('-h', '--help', '--json', '-q', '--quiet', '--config', '--host', '--direct')
        'rm' = @('-h', '--help', '--json', '-q', '--quiet', '--config', '--host', '--direct')
        'serve' = @('-h', '--help', '--listen', '--compat', '--host-name', '--domain', '--origin', '--cors', '--warm', '--tls-cert', '--tls-key', '--remove-on-stop', '-q', '--quiet', '--config')
        'daemon' = @('start', 'stop', 'status', 'logs', '-h', '--help')
        'daemon start' = @('-h', '--help', '--listen', '--compat', '--host-name', '--domain', '--origin', '--cors', '--warm', '--tls-cert', '--tls-key', '--remove-on-stop', '-q', '--quiet', '--config', '--json')
        'daemon stop' = @('-h', '--help', '--json')
        'daemon status' = @('-h', '--help', '--json')
        'daemon logs' = @('-h', '--help', '-f', '--follow')
        'runs' = @('ls', 'show', '-h', '--help')
        'runs ls' = @('-h', '--help', '-n', '--limit', '--filter', '--json', '-q', '--quiet')
        'runs show' = @('-h', '--help', '--json')
        'doctor' = @('-h', '--help', '--json', '--config')
        'image' = @('ls', 'build', 'pull', 'rm', '-h', '--help')
        'image ls' = @('-h', '--help', '-q', '--quiet', '--filter', '--json', '--config')
        'image build' = @('python', 'python-data', 'librechat', 'javascript', 'typescript', 'bash', 'c', 'cpp', 'java', 'go', 'rust', 'ruby', 'php', 'perl', 'lua', 'r', 'd', 'fortran', 'haskell', 'csharp', 'kotlin', 'scala', 'sqlite', '-h', '--help', '--all', '-q', '--quiet', '--json', '--config')
        'image pull' = @('python', 'python-data', 'librechat', 'javascript', 'typescript', 'bash', 'c', 'cpp', 'java', 'go', 'rust', 'ruby', 'php', 'perl', 'lua', 'r', 'd', 'fortran', 'haskell', 'csharp', 'kotlin', 'scala', 'sqlite', '-h', '--help', '--all', '-q', '--quiet', '--json', '--config')
        'image rm' = @('python', 'python-data', 'librechat', 'javascript', 'typescript', 'bash', 'c', 'cpp', 'java', 'go', 'rust', 'ruby', 'php', 'perl', 'lua', 'r', 'd', 'fortran', 'haskell', 'csharp', 'kotlin', 'scala', 'sqlite', '-h', '--help', '-y', '--yes', '--no-input', '--json', '--config')
        'pool' = @('warm', 'keep', 'status', 'drain', '-h', '--help')
        'pool warm' = @('python', 'javascript', 'typescript', 'bash', 'c', 'cpp', 'java', 'go', 'rust', 'ruby', 'php', 'perl', 'lua', 'r', 'd', 'fortran', 'haskell', 'csharp', 'kotlin', 'scala', 'sqlite', '-h', '--help', '-n', '--ttl', '--image', '--template', '--with', '--requirements', '--no-libraries', '--offline', '--upgrade', '--memory', '--cpus', '--pids', '--disk', '-q', '--quiet', '--json', '--config')
        'pool keep' = @('python', 'javascript', 'typescript', 'bash', 'c', 'cpp', 'java', 'go', 'rust', 'ruby', 'php', 'perl', 'lua', 'r', 'd', 'fortran', 'haskell', 'csharp', 'kotlin', 'scala', 'sqlite', '-h', '--help', '-n', '--ttl', '--image', '--template', '--with', '--requirements', '--no-libraries', '--offline', '--upgrade', '--memory', '--cpus', '--pids', '--disk', '--drain', '--json', '--config')
        'pool status' = @('-h', '--help', '-q', '--quiet', '--json', '--config')
        'pool drain' = @('-h', '--help', '-q', '--quiet', '--json', '--config')
        'prune' = @('-h', '--help', '-a', '--all', '--dry-run', '-q', '--quiet', '--json', '-y', '--yes', '--no-input', '--config')
        'lang' = @('ls', 'show', '-h', '--help')
        'lang ls' = @('-h', '--help', '--json', '-q', '--quiet', '--filter', '--config')
        'lang show' = @('python', 'javascript', 'typescript', 'bash', 'c', 'cpp', 'java', 'go', 'rust', 'ruby', 'php', 'perl', 'lua', 'r', 'd', 'fortran', 'haskell', 'csharp', 'kotlin', 'scala', 'sqlite', '-h', '--help', '--json', '--config')
        'cache' = @('ls', 'prune', 'export', 'import', '-h', '--help')
        'cache ls' = @('-h', '--help', '-q', '--quiet', '--json', '--config')
        'cache prune' = @('-h', '--help', '-q', '--quiet', '--json', '--config', '--older-than', '-a', '--all', '-y', '--yes', '--no-input')
        'cache export' = @('-h', '--help', '-q', '--quiet', '--json', '--config')
        'cache import' = @('-h', '--help', '-q', '--quiet', '--json', '--config')
        'config' = @('show', 'get', 'set', 'path', '-h', '--help')
        'config show' = @('-h', '--help', '--origin', '--json', '--config')
        'config get' = @('limits.timeout', 'limits.grace', 'limits.cpu_time', 'limits.memory', 'limits.disk', 'limits.max_output', 'limits.cpus', 'limits.pids', 'limits.compile_timeout', 'limits.install_timeout', 'limits.pull_timeout', 'pull', 'registry', 'egress.permit', 'libraries.disk', 'libraries.total', 'libraries.proxy', 'libraries.trust_host_ca', 'docker.host', 'docker.context', '-h', '--help', '--json', '--config')
        'config set' = @('limits.timeout', 'limits.grace', 'limits.cpu_time', 'limits.memory', 'limits.disk', 'limits.max_output', 'limits.cpus', 'limits.pids', 'limits.compile_timeout', 'limits.install_timeout', 'limits.pull_timeout', 'pull', 'registry', 'egress.permit', 'libraries.disk', 'libraries.total', 'libraries.proxy', 'libraries.trust_host_ca', 'docker.host', 'docker.context', '-h', '--help', '--json', '--config')
        'config path' = @('-h', '--help', '--json', '--config')
        'key' = @('create', 'ls', 'revoke', '-h', '--help')
        'key create' = @('-h', '--help', '--name', '--max-sandboxes', '--max-concurrent', '--json', '--host', '--direct')
        'key ls' = @('-h', '--help', '--json', '-q', '--quiet', '--host', '--direct')
        'key revoke' = @('-h', '--help', '--json', '--host', '--direct')
        'bench' = @('-h', '--help', '-n', '--rounds', '--json', '--config')
        'completion' = @('bash', 'zsh', 'fish', 'powershell', '-h', '--help')
        'version' = @('-h', '--help', '--json')
    }
    $values = @{
        'run:--lang' = @('python', 'javascript', 'typescript', 'bash', 'c', 'cpp', 'java', 'go', 'rust', 'ruby', 'php', 'perl', 'lua', 'r', 'd', 'fortran', 'haskell', 'csharp', 'kotlin', 'scala', 'sqlite')
        'run:--template' = @('python-data', 'librechat')
        'run:--image' = @('python-data', 'librechat')
        'run:--pull' = @('missing', 'always', 'never')
        'run:--net' = @('none', 'allow', 'full')
        'batch:--reuse' = @('none', 'reset')
        'batch:--lang' = @('python', 'javascript', 'typescript', 'bash', 'c', 'cpp', 'java', 'go', 'rust', 'ruby', 'php', 'perl', 'lua', 'r', 'd', 'fortran', 'haskell', 'csharp', 'kotlin', 'scala', 'sqlite')
        'batch:--template' = @('python-data', 'librechat')
        'batch:--image' = @('python-data', 'librechat')
        'batch:--pull' = @('missing', 'always', 'never')
        'batch:--net' = @('none', 'allow', 'full')
        'create:--lang' = @('python', 'javascript', 'typescript', 'bash', 'c', 'cpp', 'java', 'go', 'rust', 'ruby', 'php', 'perl', 'lua', 'r', 'd', 'fortran', 'haskell', 'csharp', 'kotlin', 'scala', 'sqlite')
        'create:--template' = @('python-data', 'librechat')
        'create:--image' = @('python-data', 'librechat')
        'create:--pull' = @('missing', 'always', 'never')
        'create:--net' = @('none', 'allow', 'full')
        'eval:--lang' = @('python', 'javascript', 'typescript', 'bash', 'c', 'cpp', 'java', 'go', 'rust', 'ruby', 'php', 'perl', 'lua', 'r', 'd', 'fortran', 'haskell', 'csharp', 'kotlin', 'scala', 'sqlite')
        'shell:--lang' = @('python', 'javascript', 'typescript', 'bash', 'c', 'cpp', 'java', 'go', 'rust', 'ruby', 'php', 'perl', 'lua', 'r', 'd', 'fortran', 'haskell', 'csharp', 'kotlin', 'scala', 'sqlite')
        'shell:--template' = @('python-data', 'librechat')
        'shell:--image' = @('python-data', 'librechat')
        'shell:--pull' = @('missing', 'always', 'never')
        'shell:--net' = @('none', 'allow', 'full')
        'repl:--sandbox' = @()
        'repl:--template' = @('python-data', 'librechat')
        'repl:--image' = @('python-data', 'librechat')
        'repl:--pull' = @('missing', 'always', 'never')
        'repl:--net' = @('none', 'allow', 'full')
        'pool warm:--image' = @('python-data', 'librechat')
        'pool warm:--template' = @('python-data', 'librechat')
        'pool keep:--image' = @('python-data', 'librechat')
        'pool keep:--template' = @('python-data', 'librechat')
    }
    $queries = @{
        'run:--template' = -split '__templates'
        'batch:--template' = -split '__templates'
        'create:--template' = -split '__templates'
        'exec' = -split '__sandboxes'
        'eval' = -split '__sandboxes'
        'shell:--template' = -split '__templates'
        'shell' = -split '__sandboxes'
        'repl:--sandbox' = -split '__sandboxes'
        'repl:--template' = -split '__templates'
        'files ls' = -split '__sandboxes :'
        'files cat' = -split '__sandboxes :'
        'files write' = -split '__sandboxes :'
        'files mkdir' = -split '__sandboxes :'
        'files mv' = -split '__sandboxes :'
        'files rm' = -split '__sandboxes :'
        'files stat' = -split '__sandboxes :'
        'files watch' = -split '__sandboxes :'
        'port' = -split '__sandboxes'
        'logs' = -split '__sandboxes'
        'wait' = -split '__sandboxes'
        'stats' = -split '__sandboxes'
        'inspect' = -split '__sandboxes'
        'extend' = -split '__sandboxes'
        'allow' = -split '__sandboxes'
        'deny' = -split '__sandboxes'
        'pause' = -split '__sandboxes'
        'resume' = -split '__sandboxes'
        'stop' = -split '__sandboxes'
        'kill' = -split '__sandboxes'
        'rm' = -split '__sandboxes'
        'pool warm:--template' = -split '__templates'
        'pool keep:--template' = -split '__templates'
    }
    $command = ''
    $previous = ''
    foreach ($element in $commandAst.CommandElements | Select-Object -Skip 1) {
        if ($element.Extent.EndOffset -ge $cursorPosition) { break }
        $previous = $element.ToString()
        $longer = "$command $previous".Trim()
        if ($words.ContainsKey($longer)) { $command = $longer }
    }
    $place = "${command}:$previous"
    $candidates = $values[$place]
    if ($null -eq $candidates) {
        $place = $command
        $candidates = $words[$place]
    }
    if ($queries.ContainsKey($place)) { $candidates += @(& 'sbx' $queries[$place]) }
    $candidates | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {
        [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
    }
}
