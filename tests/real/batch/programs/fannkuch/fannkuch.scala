object Fannkuch {
  val size = 8

  def flips(cards: Seq[Int]): Int =
    if (cards.head == 1) 0
    else {
      val (turned, rest) = cards.splitAt(cards.head)
      1 + flips(turned.reverse ++ rest)
    }

  def main(arguments: Array[String]): Unit = {
    val counts = (1 to size).permutations.map(flips).toVector
    val checksum = counts.grouped(2).map { case Seq(even, odd) => even - odd }.sum
    println(s"$size cards: checksum $checksum, at most ${counts.max} flips")
  }
}
