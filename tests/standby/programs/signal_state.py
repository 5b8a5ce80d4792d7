import signal

for number in sorted(signal.valid_signals()):
    print(number, signal.getsignal(number))
print(signal.pthread_sigmask(signal.SIG_BLOCK, ()), signal.sigpending(), signal.getitimer(signal.ITIMER_REAL), signal.set_wakeup_fd(-1))
with open("/proc/self/status") as status:
    print([line for line in status if line.startswith(("SigB", "SigC", "SigI", "SigP", "Shd", "Threads", "NoNewPrivs", "Seccomp:", "Cap"))])
