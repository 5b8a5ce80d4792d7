program fannkuch
    implicit none
    integer, parameter :: n = 8
    integer :: i, cards(n), flips, checksum = 0, most = 0, sign = 1

    cards = [(i, i=1, n)]
    do
        flips = flips_of(cards)
        most = max(most, flips)
        checksum = checksum + sign * flips
        sign = -sign
        if (.not. permuted()) exit
    end do
    print '(i0, a, i0, a, i0, a)', n, ' cards: checksum ', checksum, ', at most ', most, ' flips'

contains

    pure integer function flips_of(permutation)
        integer, intent(in) :: permutation(n)
        integer :: copy(n), first
        copy = permutation
        flips_of = 0
        do while (copy(1) /= 1)
            first = copy(1)
            copy(:first) = copy(first:1:-1)
            flips_of = flips_of + 1
        end do
    end function

    !> Goes on to the next permutation, if there is one.
    logical function permuted()
        integer :: i, j
        i = findloc(cards(:n - 1) < cards(2:), .true., 1, back=.true.)
        permuted = i > 0
        if (.not. permuted) return
        j = findloc(cards > cards(i), .true., 1, back=.true.)
        cards([i, j]) = cards([j, i])
        cards(i + 1:) = cards(n:i + 1:-1)
    end function
end program
