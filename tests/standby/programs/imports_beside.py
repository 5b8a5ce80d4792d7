import sys

import helper_module
import package_beside.inner
from package_beside import VALUE

print(helper_module.__file__, helper_module.__name__, package_beside.inner.__package__, VALUE)
print(package_beside.__path__, sys.path[0])
print(helper_module.who_is_main())
