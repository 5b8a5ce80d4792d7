const val DEEPEST = 10

sealed class Tree
object Leaf : Tree()
class Branch(val left: Tree, val right: Tree) : Tree()

fun tree(depth: Int): Tree = if (depth == 0) Leaf else Branch(tree(depth - 1), tree(depth - 1))

fun nodes(tree: Tree): Int = when (tree) {
    is Leaf -> 1
    is Branch -> 1 + nodes(tree.left) + nodes(tree.right)
}

fun main() {
    val kept = tree(DEEPEST)
    for (depth in 4..DEEPEST step 2) {
        val count = 1 shl (DEEPEST + 4 - depth)
        println("$count trees of depth $depth: ${(1..count).sumBy { nodes(tree(depth)) }} nodes")
    }
    println("a tree of depth $DEEPEST: ${nodes(kept)} nodes")
}
