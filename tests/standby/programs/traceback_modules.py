import traceback

import helper_module


def here():
    traceback.print_stack()
    print(traceback.format_stack())
    print(traceback.extract_stack())
    helper_module.print_stack()
    try:
        helper_module.fail()
    except ZeroDivisionError:
        traceback.print_exc()
    helper_module.fail()


here()
