// A hostile program: hands the agent, over channel 3, the last reference to a connection whose close(2) waits for an
// hour, because nobody reads what was sent on it.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

namespace {

/// A loopback connection full of bytes that its other end, which is left open, does not read.
int clogged_connection()
{
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    const int connection = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, generic, length) != 0 || listen(listener, 1) != 0 ||
        getsockname(listener, generic, &length) != 0 || connect(connection, generic, length) != 0 ||
        accept(listener, nullptr, nullptr) < 0)
        return -1;
    const char bytes[4'096] = {};
    while (send(connection, bytes, sizeof bytes, MSG_DONTWAIT) > 0) {
    }
    const linger hour{.l_onoff = 1, .l_linger = 3'600};
    return setsockopt(connection, SOL_SOCKET, SO_LINGER, &hour, sizeof hour) == 0 ? connection : -1;
}

bool hand_over(int fd, int channel)
{
    alignas(cmsghdr) char space[CMSG_SPACE(sizeof fd)] = {};
    char byte = 'x';
    iovec part{.iov_base = &byte, .iov_len = 1};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = space;
    message.msg_controllen = sizeof space;
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fd);
    std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
    return sendmsg(channel, &message, 0) == 1;
}

}  // namespace

int main()
{
    // What the owner's window takes: the message waits behind it until this program's own reference is gone.
    const char filler[4'096] = {};
    const int connection = clogged_connection();
    if (connection < 0 || write(3, filler, sizeof filler) != sizeof filler || !hand_over(connection, 3)) return 1;
    close(connection);
    if (write(STDOUT_FILENO, "sent\n", 5) != 5) return 2;
    pause();
}
