"""The format of the lit tests; in a module of its own, as lit's workers load it by name."""
import os

import lit.formats
import lit.TestRunner


class QuotedShTest(lit.formats.ShTest):
    """Shell tests whose %s, %S and %t are quoted: the checkout may lie in a path with spaces. Write them outside of quotes."""

    def execute(self, test, litConfig):
        source = test.getSourcePath()
        temporary = lit.TestRunner.getTempPaths(test)[1] + ".tmp"
        paths = [("s", source), ("S", os.path.dirname(source)), ("t", temporary)]
        quoted = [(rf"%{letter}\b", f'"{path}"') for letter, path in paths]
        return lit.TestRunner.executeShTest(test, litConfig, True, quoted)
