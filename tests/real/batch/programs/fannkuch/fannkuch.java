import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

public class Fannkuch {
    static final int SIZE = 8;
    static int checksum, most, sign = 1;

    static int flips(List<Integer> permutation) {
        List<Integer> cards = new ArrayList<>(permutation);
        int count = 0;
        for (; cards.get(0) != 1; count++) Collections.reverse(cards.subList(0, cards.get(0)));
        return count;
    }

    static void visit(List<Integer> begun, List<Integer> left) {
        if (left.isEmpty()) {
            int count = flips(begun);
            most = Math.max(most, count);
            checksum += sign * count;
            sign = -sign;
        }
        for (Integer card : left) {
            List<Integer> more = new ArrayList<>(begun);
            more.add(card);
            List<Integer> others = new ArrayList<>(left);
            others.remove(card);
            visit(more, others);
        }
    }

    public static void main(String[] arguments) {
        visit(List.of(), IntStream.rangeClosed(1, SIZE).boxed().toList());
        System.out.println(SIZE + " cards: checksum " + checksum + ", at most " + most + " flips");
    }
}
