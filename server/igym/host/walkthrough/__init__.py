"""A whole study walked through by made-up people in seconds: the real rules and the researcher's real functions, on a
clock that jumps to whatever comes next. Games are made up too, since envs are tried on their own."""
