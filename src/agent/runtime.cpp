// What the C++ library would otherwise bring along with exceptions, locales and streams. Without exceptions each of
// these is the end; process 1's end is the sandbox's, and the owner sees it as such.
#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

[[noreturn]] void give_up()
{
    std::abort();
}

}  // namespace

void* operator new(std::size_t size)
{
    void* memory = std::malloc(size);
    if (!memory) give_up();
    return memory;
}

void* operator new[](std::size_t size)
{
    return operator new(size);
}

void operator delete(void* memory) noexcept
{
    std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept
{
    std::free(memory);
}

void operator delete[](void* memory) noexcept
{
    std::free(memory);
}

void operator delete[](void* memory, std::size_t) noexcept
{
    std::free(memory);
}

// NOLINTBEGIN(bugprone-reserved-identifier): what the compiler and the library's headers call by these names
extern "C" void __cxa_pure_virtual()
{
    give_up();
}

namespace std {

void __throw_bad_alloc()
{
    give_up();
}

void __throw_bad_array_new_length()
{
    give_up();
}

void __throw_logic_error(const char*)
{
    give_up();
}

void __throw_length_error(const char*)
{
    give_up();
}

void __throw_out_of_range(const char*)
{
    give_up();
}

void __throw_out_of_range_fmt(const char*, ...)
{
    give_up();
}

}  // namespace std
// NOLINTEND(bugprone-reserved-identifier)
