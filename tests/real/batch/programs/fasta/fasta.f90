program fasta
    implicit none
    character(len=*), parameter :: sequence = 'GATTACATTAGCCAGGCTAGCTTTACGGAAACCCTGATCGATTGCAC'
    character(len=*), parameter :: codes = repeat('a', 27) // repeat('c', 12) // repeat('g', 12) // repeat('t', 27) &
        // 'BBDDHHKKMMNNRRSSVVWWYY'
    character(len=*), parameter :: bases = repeat('a', 30) // repeat('c', 20) // repeat('g', 20) // repeat('t', 30)
    character(len=2400) :: repeated
    integer :: seed = 42

    repeated = repeat(sequence, 50)
    call write_record('ONE repeated', repeated(:2000))
    call write_record('TWO drawn from all codes', drawn(codes, 3000))
    call write_record('THREE drawn from four bases', drawn(bases, 5000))

contains

    function drawn(letters, length) result(text)
        character(len=*), intent(in) :: letters
        integer, intent(in) :: length
        character(len=length) :: text
        integer :: i, at
        do i = 1, length
            seed = mod(seed * 1366 + 150889, 714025)
            at = seed * 100 / 714025 + 1
            text(i:i) = letters(at:at)
        end do
    end function

    subroutine write_record(title, text)
        character(len=*), intent(in) :: title, text
        print '(2a)', '>', title
        print '(60a1)', transfer(text, ['a'], len(text))
    end subroutine
end program
