module Main where

digits :: Int
digits = 200

arctanOfInverse :: Integer -> Integer
arctanOfInverse x = sum (zipWith3 term (cycle [1, -1]) powers [1, 3 ..])
  where
    powers = takeWhile (> 0) (iterate (`div` (x * x)) (10 ^ (digits + 10) `div` x))
    term sign power n = sign * (power `div` n)

wrapped :: String -> [String]
wrapped "" = []
wrapped text = take 50 text : wrapped (drop 50 text)

main :: IO ()
main = mapM_ putStrLn (wrapped (take digits (show pi')))
  where
    pi' = 16 * arctanOfInverse 5 - 4 * arctanOfInverse 239
