"""Run by the stand-alone app before its own program."""

import packed_libraries

packed_libraries.install()
