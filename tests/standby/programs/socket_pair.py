import socket

left, right = socket.socketpair()
print(left.fileno(), right.fileno())
left.sendall(b"ping")
print(right.recv(10))
