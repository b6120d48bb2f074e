"""numpy, scipy and scikit-learn, for the tests that take them as oracles: with the Python that PYTHON names, should that be
another than this one. Where they are missing, the test that imports this is skipped.
    python3 -m venv VENV && VENV/bin/pip install numpy scipy scikit-learn
    make check PYTHON=VENV/bin/python3
"""

import os
import sys

import dztest

wanted = os.environ.get("PYTHON")
if wanted and "/" in wanted and os.path.exists(wanted) and not os.environ.get("NUMERICS_PYTHON"):
    os.execve(wanted, [wanted] + sys.argv, dict(os.environ, NUMERICS_PYTHON=wanted))
try:
    import numpy as np  # noqa: F401
    import scipy.sparse.csgraph  # noqa: F401
    import scipy.spatial.distance as ssd  # noqa: F401
    import scipy.stats  # noqa: F401
    import sklearn.cluster
    import sklearn.metrics  # noqa: F401
except ImportError as missing:
    dztest.skip("%s (set PYTHON to one that has numpy, scipy and scikit-learn)" % missing)
