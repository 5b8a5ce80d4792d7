// Stands in for the agent in tests of an engine. Its first line is a command:
//   echo             gives back what follows, to end-of-file, then exits 0
//   flood BYTES      writes that many bytes, then exits 0
//   complain WORDS   writes them to standard error and exits 3
//   hang             does nothing
//   devour           takes memory until it is killed
//   offer            listens where the agent does, sends its visitor a descriptor and tells whether that went
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>

namespace {

void write_all(int to, const char* bytes, std::size_t size)
{
    while (size > 0) {
        const ssize_t n = write(to, bytes, size);
        if (n < 0) _exit(2);
        bytes += n;
        size -= static_cast<std::size_t>(n);
    }
}

std::string read_line()
{
    std::string line;
    for (char c = 0; read(0, &c, 1) == 1 && c != '\n';) line += c;
    return line;
}

int echo()
{
    static char bytes[1 << 16];
    for (;;) {
        const ssize_t n = read(0, bytes, sizeof bytes);
        if (n <= 0) return n == 0 ? 0 : 1;
        write_all(1, bytes, static_cast<std::size_t>(n));
    }
}

int flood(unsigned long long left)
{
    static char bytes[1 << 16];
    std::memset(bytes, 'x', sizeof bytes);
    while (left > 0) {
        const std::size_t n = left < sizeof bytes ? static_cast<std::size_t>(left) : sizeof bytes;
        write_all(1, bytes, n);
        left -= n;
    }
    return 0;
}

[[noreturn]] void devour()
{
    constexpr std::size_t step = 1 << 20;
    constexpr std::size_t page = 4096;
    for (;;) {
        // Volatile: a compiler may leave out memory that nobody reads, and the loop with it.
        auto* const taken = static_cast<volatile char*>(std::malloc(step));
        for (std::size_t at = 0; taken && at < step; at += page) taken[at] = 1;
    }
}

bool send_descriptor(int to)
{
    char byte = 'x';
    iovec content{&byte, 1};
    alignas(cmsghdr) char room[CMSG_SPACE(sizeof(int))] = {};
    msghdr message{};
    message.msg_iov = &content;
    message.msg_iovlen = 1;
    message.msg_control = room;
    message.msg_controllen = sizeof room;
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    const int descriptor = 0;
    std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    return sendmsg(to, &message, 0) == 1;
}

int offer()
{
    constexpr sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/run/sbx/agent.sock"};
    const int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || listen(listener, 1) != 0)
        return 1;
    write_all(1, "listening ", 10);
    const int visitor = accept(listener, nullptr, nullptr);
    const std::string told = send_descriptor(visitor) ? "sent" : "refused";
    write_all(1, told.data(), told.size());
    return 0;
}

}  // namespace

int main()
{
    const std::string line = read_line();
    const std::size_t space = line.find(' ');
    const std::string command = line.substr(0, space);
    const std::string rest = space == std::string::npos ? "" : line.substr(space + 1);
    if (command == "echo") return echo();
    if (command == "flood") return flood(std::strtoull(rest.c_str(), nullptr, 10));
    if (command == "devour") devour();
    if (command == "offer") return offer();
    if (command == "complain") {
        write_all(2, rest.data(), rest.size());
        return 3;
    }
    for (;;) pause();
}
