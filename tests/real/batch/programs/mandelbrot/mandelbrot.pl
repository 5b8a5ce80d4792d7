use strict;
use warnings;

my $n = 96;

sub stays {
    my ($cr, $ci) = @_;
    my ($zr, $zi) = (0, 0);
    for (1 .. 50) {
        ($zr, $zi) = ($zr * $zr - $zi * $zi + $cr, 2 * $zr * $zi + $ci);
        return 0 if $zr * $zr + $zi * $zi > 4;
    }
    return 1;
}

binmode STDOUT;
print "P4\n$n $n\n";
for my $y (0 .. $n - 1) {
    print pack 'B*', join '', map { stays(2 * $_ / $n - 1.5, 2 * $y / $n - 1) } 0 .. $n - 1;
}
