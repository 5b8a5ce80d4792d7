# bash completion for sbx

_sbx()
{
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local command='' words='' i
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        case "$command ${COMP_WORDS[i]}" in
            ' run') command='run' ;;
            ' create') command='create' ;;
            ' exec') command='exec' ;;
            ' shell') command='shell' ;;
            ' cp') command='cp' ;;
            ' files') command='files' ;;
            ' logs') command='logs' ;;
            ' wait') command='wait' ;;
            ' ps') command='ps' ;;
            ' ls') command='ls' ;;
            ' inspect') command='inspect' ;;
            ' extend') command='extend' ;;
            ' allow') command='allow' ;;
            ' deny') command='deny' ;;
            ' pause') command='pause' ;;
            ' resume') command='resume' ;;
            ' stop') command='stop' ;;
            ' kill') command='kill' ;;
            ' rm') command='rm' ;;
            ' doctor') command='doctor' ;;
            ' image') command='image' ;;
            ' pool') command='pool' ;;
            ' prune') command='prune' ;;
            ' lang') command='lang' ;;
            ' config') command='config' ;;
            ' bench') command='bench' ;;
            ' completion') command='completion' ;;
            ' version') command='version' ;;
            'files ls') command='files ls' ;;
            'files cat') command='files cat' ;;
            'files write') command='files write' ;;
            'files mkdir') command='files mkdir' ;;
            'files mv') command='files mv' ;;
            'files rm') command='files rm' ;;
            'files stat') command='files stat' ;;
            'image ls') command='image ls' ;;
            'image build') command='image build' ;;
            'image pull') command='image pull' ;;
            'image rm') command='image rm' ;;
            'pool warm') command='pool warm' ;;
            'pool status') command='pool status' ;;
            'pool drain') command='pool drain' ;;
            'lang ls') command='lang ls' ;;
            'lang show') command='lang show' ;;
            'config show') command='config show' ;;
            'config get') command='config get' ;;
            'config set') command='config set' ;;
            'config path') command='config path' ;;
        esac
    done
    case "$command:$previous" in
        'run:-c') words='' ;;
        'run:--lang') words='python javascript bash c cpp' ;;
        'run:--entry') COMPREPLY=($(compgen -f -- "$current")) ;;
        'run:--image') words='' ;;
        'run:--pull') words='missing always never' ;;
        'run:--timeout') words='' ;;
        'run:--grace') words='' ;;
        'run:--memory') words='' ;;
        'run:--cpus') words='' ;;
        'run:--pids') words='' ;;
        'run:--disk') words='' ;;
        'run:--max-output') words='' ;;
        'run:--cpu-time') words='' ;;
        'run:--compile-timeout') words='' ;;
        'run:--pull-timeout') words='' ;;
        'run:--net') words='none allow full' ;;
        'run:--allow') words='' ;;
        'run:-v' | 'run:--file') COMPREPLY=($(compgen -f -- "$current")) ;;
        'run:--output') words='' ;;
        'run:--artifacts') COMPREPLY=($(compgen -f -- "$current")) ;;
        'run:--workdir') COMPREPLY=($(compgen -f -- "$current")) ;;
        'run:-e' | 'run:--env') words='' ;;
        'run:--env-file') COMPREPLY=($(compgen -f -- "$current")) ;;
        'run:--meta') COMPREPLY=($(compgen -f -- "$current")) ;;
        'run:--label') words='' ;;
        'run:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'create:--lang') words='python javascript bash c cpp' ;;
        'create:--image') words='' ;;
        'create:--pull') words='missing always never' ;;
        'create:--memory') words='' ;;
        'create:--cpus') words='' ;;
        'create:--pids') words='' ;;
        'create:--disk') words='' ;;
        'create:--net') words='none allow full' ;;
        'create:--allow') words='' ;;
        'create:-v' | 'create:--file') COMPREPLY=($(compgen -f -- "$current")) ;;
        'create:--workdir') COMPREPLY=($(compgen -f -- "$current")) ;;
        'create:-e' | 'create:--env') words='' ;;
        'create:--env-file') COMPREPLY=($(compgen -f -- "$current")) ;;
        'create:--label') words='' ;;
        'create:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'create:--name') words='' ;;
        'create:--ttl') words='' ;;
        'create:--idle-timeout') words='' ;;
        'exec:--timeout') words='' ;;
        'exec:--grace') words='' ;;
        'exec:--max-output') words='' ;;
        'exec:--cpu-time') words='' ;;
        'exec:--workdir') COMPREPLY=($(compgen -f -- "$current")) ;;
        'exec:-e' | 'exec:--env') words='' ;;
        'exec:--env-file') COMPREPLY=($(compgen -f -- "$current")) ;;
        'exec:--meta') COMPREPLY=($(compgen -f -- "$current")) ;;
        'exec:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'shell:--lang') words='python javascript bash c cpp' ;;
        'shell:--image') words='' ;;
        'shell:--pull') words='missing always never' ;;
        'shell:--memory') words='' ;;
        'shell:--cpus') words='' ;;
        'shell:--pids') words='' ;;
        'shell:--disk') words='' ;;
        'shell:--net') words='none allow full' ;;
        'shell:--allow') words='' ;;
        'shell:-v' | 'shell:--file') COMPREPLY=($(compgen -f -- "$current")) ;;
        'shell:--workdir') COMPREPLY=($(compgen -f -- "$current")) ;;
        'shell:-e' | 'shell:--env') words='' ;;
        'shell:--env-file') COMPREPLY=($(compgen -f -- "$current")) ;;
        'shell:--label') words='' ;;
        'shell:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'cp:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'files ls:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'files cat:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'files write:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'files mkdir:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'files mv:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'files rm:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'files stat:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'logs:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'wait:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'ps:--filter') words='' ;;
        'ps:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'ls:--filter') words='' ;;
        'ls:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'inspect:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'extend:--ttl') words='' ;;
        'extend:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'allow:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'deny:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'pause:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'resume:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'stop:--grace') words='' ;;
        'stop:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'kill:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'rm:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'doctor:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'image ls:--filter') words='' ;;
        'image ls:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'image build:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'image pull:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'image rm:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'pool warm:-n') words='' ;;
        'pool warm:--ttl') words='' ;;
        'pool warm:--image') words='' ;;
        'pool warm:--memory') words='' ;;
        'pool warm:--cpus') words='' ;;
        'pool warm:--pids') words='' ;;
        'pool warm:--disk') words='' ;;
        'pool warm:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'pool status:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'pool drain:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'prune:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'lang ls:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'lang show:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'config show:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'config get:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'config set:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'config path:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        'bench:-n' | 'bench:--rounds') words='' ;;
        'bench:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
        *)
            if [[ $current == -* ]]; then
                case "$command" in
            '') words='-h --help --version' ;;
            'run') words='-h --help -c --lang --entry --all --image --pull --timeout --grace --memory --cpus --pids --disk --max-output --cpu-time --compile-timeout --pull-timeout --net --allow -v --file --output --artifacts --workdir -e --env --env-file -t --tty -T --no-tty -i --interactive --json --ndjson --meta -q --quiet --timing --label --no-pool --debug --config' ;;
            'create') words='-h --help --lang --image --pull --memory --cpus --pids --disk --net --allow -v --file --all --workdir -e --env --env-file --label --debug --json -q --quiet --config --name --ttl --idle-timeout' ;;
            'exec') words='-h --help -d --detach --timeout --grace --max-output --cpu-time --workdir -e --env --env-file -t --tty -T --no-tty -i --interactive --json --ndjson --meta -q --quiet --timing --config' ;;
            'shell') words='-h --help --lang --image --pull --memory --cpus --pids --disk --net --allow -v --file --all --workdir -e --env --env-file --label --config' ;;
            'cp') words='-h --help -q --quiet --json --config' ;;
            'files') words='-h --help' ;;
            'files ls') words='-h --help -r --recursive -q --quiet --json --config' ;;
            'files cat') words='-h --help --config' ;;
            'files write') words='-h --help -a --append --json --config' ;;
            'files mkdir') words='-h --help --json --config' ;;
            'files mv') words='-h --help --json --config' ;;
            'files rm') words='-h --help -r --recursive --json --config' ;;
            'files stat') words='-h --help --json --config' ;;
            'logs') words='-h --help -f --follow --config' ;;
            'wait') words='-h --help --json --config' ;;
            'ps') words='-h --help -a --all --filter --json -q --quiet --config' ;;
            'ls') words='-h --help -a --all --filter --json -q --quiet --config' ;;
            'inspect') words='-h --help --json --config' ;;
            'extend') words='-h --help --ttl --json --config' ;;
            'allow') words='-h --help --json --config' ;;
            'deny') words='-h --help --json --config' ;;
            'pause') words='-h --help --json --config' ;;
            'resume') words='-h --help --json --config' ;;
            'stop') words='-h --help --grace --json -q --quiet --config' ;;
            'kill') words='-h --help --json -q --quiet --config' ;;
            'rm') words='-h --help --json -q --quiet --config' ;;
            'doctor') words='-h --help --json --config' ;;
            'image') words='-h --help' ;;
            'image ls') words='-h --help -q --quiet --filter --json --config' ;;
            'image build') words='-h --help --all -q --quiet --json --config' ;;
            'image pull') words='-h --help --all -q --quiet --json --config' ;;
            'image rm') words='-h --help -y --yes --no-input --json --config' ;;
            'pool') words='-h --help' ;;
            'pool warm') words='-h --help -n --ttl --image --memory --cpus --pids --disk -q --quiet --json --config' ;;
            'pool status') words='-h --help -q --quiet --json --config' ;;
            'pool drain') words='-h --help -q --quiet --json --config' ;;
            'prune') words='-h --help -a --all --dry-run -q --quiet --json -y --yes --no-input --config' ;;
            'lang') words='-h --help' ;;
            'lang ls') words='-h --help --json -q --quiet --config' ;;
            'lang show') words='-h --help --json --config' ;;
            'config') words='-h --help' ;;
            'config show') words='-h --help --origin --json --config' ;;
            'config get') words='-h --help --json --config' ;;
            'config set') words='-h --help --json --config' ;;
            'config path') words='-h --help --json --config' ;;
            'bench') words='-h --help -n --rounds --json --config' ;;
            'completion') words='-h --help' ;;
            'version') words='-h --help --json' ;;
                esac
            else
                case "$command" in
            '') words='run create exec shell cp files logs wait ps ls inspect extend allow deny pause resume stop kill rm doctor image pool prune lang config bench completion version' ;;
            'files') words='ls cat write mkdir mv rm stat' ;;
            'image') words='ls build pull rm' ;;
            'image build') words='python javascript bash c cpp' ;;
            'image pull') words='python javascript bash c cpp' ;;
            'image rm') words='python javascript bash c cpp' ;;
            'pool') words='warm status drain' ;;
            'pool warm') words='python javascript bash c cpp' ;;
            'lang') words='ls show' ;;
            'lang show') words='python javascript bash c cpp' ;;
            'config') words='show get set path' ;;
            'config get') words='limits.timeout limits.grace limits.cpu_time limits.memory limits.disk limits.max_output limits.cpus limits.pids limits.compile_timeout limits.pull_timeout pull registry egress.permit docker.host docker.context' ;;
            'config set') words='limits.timeout limits.grace limits.cpu_time limits.memory limits.disk limits.max_output limits.cpus limits.pids limits.compile_timeout limits.pull_timeout pull registry egress.permit docker.host docker.context' ;;
            'completion') words='bash zsh fish powershell' ;;
                esac
            fi
            ;;
    esac
    if [[ -n $words ]]; then
        COMPREPLY=($(compgen -W "$words" -- "$current"))
    fi
}

complete -o default -F _sbx sbx
