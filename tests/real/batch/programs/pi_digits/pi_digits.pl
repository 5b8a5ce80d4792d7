use strict;
use warnings;
use bigint;

my $digits = 200;
my $one = 10 ** ($digits + 10);

sub arctan_of_inverse {
    my $x = shift;
    my ($total, $sign) = (0, 1);
    my $power = $one / $x;
    for (my $n = 1; $power > 0; $n += 2) {
        $total += $sign * ($power / $n);
        $sign = -$sign;
        $power /= $x * $x;
    }
    return $total;
}

my $pi = 16 * arctan_of_inverse(5) - 4 * arctan_of_inverse(239);
print "$_\n" for unpack '(A50)4', $pi;
