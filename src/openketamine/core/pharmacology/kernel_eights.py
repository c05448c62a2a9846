"""Eight numbers side by side as one value of compiled code: what the kernels are written in. Imported by them only.

numba turns a loop into vector instructions where LLVM can prove that arrays do not overlap, with tests and a slow loop for the rest
at every entry; the loops here are entered thousands of times and are short. So the eights are said, not hoped for: LLVM makes of
them one register or several, whatever the processor has. Arrays are read and written by flat place, contiguous and unchecked.
"""

import operator
from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic, models, overload, register_model

WIDTH = 8
FLOATS, BITS = ir.VectorType(ir.DoubleType(), WIDTH), ir.VectorType(ir.IntType(64), WIDTH)
LOOSE = ("contract", "nsz")
"""A product and a sum may become one instruction; nothing is put in another order."""


class EightType(types.Type):
    """The type of eight numbers."""


eight = EightType(name="eight")


@register_model(EightType)
class _EightModel(models.PrimitiveModel):
    """Held as what it is, a vector."""

    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, FLOATS)


def _spread(builder: ir.IRBuilder, value: ir.Value) -> ir.Value:
    """Return eight times one number, or the eight that there are already."""
    if value.type == FLOATS:
        return value
    nothing, first = ir.Constant(FLOATS, ir.Undefined), ir.Constant(ir.IntType(32), 0)
    one = builder.insert_element(nothing, value, first)
    return builder.shuffle_vector(one, nothing, ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH))


def _place(context: Any, builder: ir.IRBuilder, kind: Any, array: ir.Value, index: ir.Value) -> ir.Value:
    first = builder.gep(context.make_array(kind)(context, builder, array).data, [index])
    return builder.bitcast(first, FLOATS.as_pointer())


def _read(builder: ir.IRBuilder, place: ir.Value) -> ir.Value:
    return builder.load(place, align=WIDTH)


@intrinsic
def load(_typing, array, _index):
    """Read eight numbers of an array from a flat place on."""

    def generate(context, builder, signature, arguments):
        return _read(builder, _place(context, builder, signature.args[0], *arguments))

    return eight(array, types.int64), generate


@intrinsic
def store(_typing, array, _index, _value):
    """Write eight numbers into an array from a flat place on."""

    def generate(context, builder, signature, arguments):
        array, index, value = arguments
        builder.store(value, _place(context, builder, signature.args[0], array, index), align=WIDTH)
        return context.get_dummy_value()

    return types.void(array, types.int64, eight), generate


@intrinsic
def before_line(_typing, array, _index):
    """Return how many numbers stand between a flat place and the next beginning of eight that memory moves at once."""

    def generate(context, builder, signature, arguments):
        place = _place(context, builder, signature.args[0], *arguments)
        numbers = builder.lshr(builder.ptrtoint(place, ir.IntType(64)), ir.Constant(ir.IntType(64), 3))
        return builder.and_(builder.neg(numbers), ir.Constant(ir.IntType(64), WIDTH - 1))

    return types.int64(array, types.int64), generate


@intrinsic
def store_past(_typing, array, _index, _value):
    """Write eight numbers where `before_line` is 0, past the caches: what is written whole need not be fetched first."""

    def generate(context, builder, signature, arguments):
        array, index, value = arguments
        written = builder.store(value, _place(context, builder, signature.args[0], array, index), align=8 * WIDTH)
        written.set_metadata("nontemporal", builder.module.add_metadata([ir.Constant(ir.IntType(32), 1)]))
        return context.get_dummy_value()

    return types.void(array, types.int64, eight), generate


@intrinsic
def settle(_typing):
    """Make what was written past the caches seen by all threads."""

    def generate(context, builder, _signature, _arguments):
        builder.fence("seq_cst")
        return context.get_dummy_value()

    return types.void(), generate


@intrinsic
def store_some(_typing, array, _index, _value, _many):
    """Write the first few of eight numbers into an array from a flat place on: the end of a row."""

    def generate(context, builder, signature, arguments):
        array, index, value, many = arguments
        values = context.make_array(signature.args[0])(context, builder, array).data
        for lane in range(WIDTH):
            here = ir.Constant(index.type, lane)
            with builder.if_then(builder.icmp_signed("<", here, many)):
                one = builder.gep(values, [builder.add(index, here)])
                builder.store(builder.extract_element(value, here), one)
        return context.get_dummy_value()

    return types.void(array, types.int64, eight, types.int64), generate


@intrinsic
def eights(_typing, _value):
    """Return eight times one number."""

    def generate(_context, builder, _signature, arguments):
        return _spread(builder, arguments[0])

    return eight(types.float64), generate


@intrinsic
def picked(_typing, array, _first, places):
    """Return numbers of an array that stand at some places after a first one; as many as there are places."""

    def generate(context, builder, signature, arguments):
        values = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        indices = [builder.add(arguments[1], at) for at in cgutils.unpack_tuple(builder, arguments[2])]
        return cgutils.pack_array(builder, [builder.load(builder.gep(values, [at])) for at in indices])

    return types.UniTuple(array.dtype, places.count)(array, types.int64, places), generate


@intrinsic
def weighted(_typing, _start, array, _first, places, factors):
    """Return a start and the sum of eights that stand at some places after a first one, each times its factor."""

    def generate(context, builder, signature, arguments):
        total, array, first = arguments[0], arguments[1], arguments[2]
        places, factors = (cgutils.unpack_tuple(builder, one) for one in arguments[3:])
        for place, factor in zip(places, factors, strict=True):
            value = _read(builder, _place(context, builder, signature.args[1], array, builder.add(first, place)))
            product = builder.fmul(value, _spread(builder, factor), flags=LOOSE)
            total = builder.fadd(total, product, flags=LOOSE)
        return total

    return eight(eight, array, types.int64, places, factors), generate


@intrinsic
def polynomial(_typing, _x, coefficients):
    """Return a polynomial of x; the coefficient of its highest power stands first."""

    def generate(_context, builder, _signature, arguments):
        first, *others = cgutils.unpack_tuple(builder, arguments[1])
        total = _spread(builder, first)
        for one in others:
            total = builder.fadd(builder.fmul(total, arguments[0], flags=LOOSE), _spread(builder, one), flags=LOOSE)
        return total

    return eight(eight, coefficients), generate


def _elementwise(generate_one: Callable[..., ir.Value], takes: int) -> Callable[..., Any]:
    """Make a function of eights, or of eights and numbers, from what is generated for vectors."""

    def generate(_context, builder, _signature, arguments):
        return generate_one(builder, *(_spread(builder, one) for one in arguments))

    def signature(kinds: Sequence[Any]) -> Any:
        return eight(*(one if one is eight else types.float64 for one in kinds))

    if takes == 1:
        return intrinsic(lambda _typing, x: (signature([x]), generate))
    return intrinsic(lambda _typing, x, y: (signature([x, y]), generate))


def _called(name: str, gives: ir.Type = FLOATS) -> Callable[..., ir.Value]:
    """Return what calls one of LLVM's own functions for eights."""

    def call(builder: ir.IRBuilder, *values: ir.Value) -> ir.Value:
        kind = ir.FunctionType(gives, [value.type for value in values])
        function = cgutils.get_or_insert_function(builder.module, kind, f"llvm.{name}.v{WIDTH}f64")
        return builder.call(function, values, fastmath=("reassoc",) if gives != FLOATS else ())

    return call


def _chosen(relation: str) -> Callable[..., ir.Value]:
    return lambda builder, x, y: builder.select(builder.fcmp_ordered(relation, x, y), x, y)


def _over(builder: ir.IRBuilder, x: ir.Value, y: ir.Value) -> ir.Value:
    nothing = ir.Constant(FLOATS, [0.0] * WIDTH)
    return builder.select(builder.fcmp_unordered("!=", x, nothing), builder.fdiv(x, y), nothing)


larger, smaller = _elementwise(_chosen(">"), 2), _elementwise(_chosen("<"), 2)
"""The larger, and the smaller, of two; the second where one is not a number."""
over = _elementwise(_over, 2)
"""A quotient; nothing over anything is nothing."""
size = _elementwise(_called("fabs"), 1)
root = _elementwise(_called("sqrt"), 1)
signed_as = _elementwise(_called("copysign"), 2)


@intrinsic
def sum_of(_typing, _x):
    """Return the sum of eight numbers."""

    def generate(_context, builder, _signature, arguments):
        return _called("vector.reduce.fadd", ir.DoubleType())(builder, ir.Constant(ir.DoubleType(), -0.0), *arguments)

    return types.float64(eight), generate


@intrinsic
def most_of(_typing, _x):
    """Return the largest of eight numbers."""

    def generate(_context, builder, _signature, arguments):
        return _called("vector.reduce.fmax", ir.DoubleType())(builder, *arguments)

    return types.float64(eight), generate


def _constant(value: int) -> ir.Constant:
    return ir.Constant(BITS, [value] * WIDTH)


@intrinsic
def order_and_fraction(_typing, _x):
    """Return n and m of positive x = 2^n m, with m within half an order of 1."""

    def generate(context, builder, signature, arguments):
        bits = builder.bitcast(arguments[0], BITS)
        above = builder.sub(bits, _constant(4604544271217802189))  # the bits of the square root of a half
        order = builder.ashr(above, _constant(52))
        fraction = builder.bitcast(builder.sub(bits, builder.shl(order, _constant(52))), FLOATS)
        whole = builder.bitcast(builder.add(order, _constant(0x4338000000000000)), FLOATS)  # 1.5 x 2^52 + n
        number = builder.fsub(whole, ir.Constant(FLOATS, [6755399441055744.0] * WIDTH))
        return context.make_tuple(builder, signature.return_type, [number, fraction])

    return types.UniTuple(eight, 2)(eight), generate


@intrinsic
def times_power_of_two(_typing, _x, _n):
    """Return x 2^n, without a multiplication, for x and x 2^n above 0; n as for `power_of_two`."""

    def generate(_context, builder, _signature, arguments):
        orders = builder.shl(builder.bitcast(arguments[1], BITS), _constant(52))
        return builder.bitcast(builder.add(builder.bitcast(arguments[0], BITS), orders), FLOATS)

    return eight(eight, eight), generate


@intrinsic
def power_of_two(_typing, _x):
    """Return 2^n of whole numbers n, given as n + 1.5 x 2^52: then n stands in the lowest bits."""

    def generate(_context, builder, _signature, arguments):
        exponent = builder.add(builder.bitcast(arguments[0], BITS), _constant(1023))
        return builder.bitcast(builder.shl(exponent, _constant(52)), FLOATS)

    return eight(eight), generate


def _arithmetic(operation: Callable[..., Any], name: str) -> None:
    """Let an operator work on eights, and on eights and numbers."""
    two = _elementwise(lambda builder, x, y: getattr(builder, name)(x, y, flags=LOOSE), 2)

    @overload(operation)
    def _operator(x, y):
        return (lambda x, y: two(x, y)) if eight in (x, y) else None  # noqa: PLW0108 - numba wants a function


for _operation, _name in (
    (operator.add, "fadd"), (operator.sub, "fsub"), (operator.mul, "fmul"), (operator.truediv, "fdiv"),
):  # fmt: skip
    _arithmetic(_operation, _name)
