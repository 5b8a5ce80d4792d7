# bash completion for sbx

_sbx()
{
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local command='' words='' i
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        case "$command ${COMP_WORDS[i]}" in
            ' run') command='run' ;;
            ' doctor') command='doctor' ;;
            ' image') command='image' ;;
            ' pool') command='pool' ;;
            ' prune') command='prune' ;;
            ' lang') command='lang' ;;
            ' config') command='config' ;;
            ' bench') command='bench' ;;
            ' completion') command='completion' ;;
            ' version') command='version' ;;
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
        'run:--net') words='none full' ;;
        'run:-v' | 'run:--file') COMPREPLY=($(compgen -f -- "$current")) ;;
        'run:--output') words='' ;;
        'run:--artifacts') COMPREPLY=($(compgen -f -- "$current")) ;;
        'run:--workdir') COMPREPLY=($(compgen -f -- "$current")) ;;
        'run:-e' | 'run:--env') words='' ;;
        'run:--env-file') COMPREPLY=($(compgen -f -- "$current")) ;;
        'run:--meta') COMPREPLY=($(compgen -f -- "$current")) ;;
        'run:--label') words='' ;;
        'run:--config') COMPREPLY=($(compgen -f -- "$current")) ;;
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
            'run') words='-h --help -c --lang --entry --all --image --pull --timeout --grace --memory --cpus --pids --disk --max-output --cpu-time --compile-timeout --pull-timeout --net -v --file --output --artifacts --workdir -e --env --env-file -t --tty -T --no-tty -i --interactive --json --ndjson --meta -q --quiet --timing --label --no-pool --debug --config' ;;
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
            '') words='run doctor image pool prune lang config bench completion version' ;;
            'image') words='ls build pull rm' ;;
            'image build') words='python javascript bash c cpp' ;;
            'image pull') words='python javascript bash c cpp' ;;
            'image rm') words='python javascript bash c cpp' ;;
            'pool') words='warm status drain' ;;
            'pool warm') words='python javascript bash c cpp' ;;
            'lang') words='ls show' ;;
            'lang show') words='python javascript bash c cpp' ;;
            'config') words='show get set path' ;;
            'config get') words='limits.timeout limits.grace limits.cpu_time limits.memory limits.disk limits.max_output limits.cpus limits.pids limits.compile_timeout limits.pull_timeout pull registry docker.host docker.context' ;;
            'config set') words='limits.timeout limits.grace limits.cpu_time limits.memory limits.disk limits.max_output limits.cpus limits.pids limits.compile_timeout limits.pull_timeout pull registry docker.host docker.context' ;;
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
