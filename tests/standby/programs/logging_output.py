import logging

logging.basicConfig(format="%(levelname)s %(name)s %(module)s %(funcName)s %(lineno)d %(filename)s %(pathname)s %(message)s")
logging.warning("first")


def work():
    logging.getLogger("work").error("stack", stack_info=True)
    try:
        1 / 0
    except ZeroDivisionError:
        logging.exception("failed")


work()
