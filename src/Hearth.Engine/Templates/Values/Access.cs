using Hearth.Engine.Templates.Runtime;

namespace Hearth.Engine.Templates.Values;

/// <summary>Jinja's attribute and item access, slices and iteration.</summary>
internal static class Access
{
    /// <summary><c>value.name</c>: the attribute, else the item, else undefined.</summary>
    public static Value Attribute(RenderState state, Value value, string name)
    {
        if (value.Attribute(state, name) is { } attribute)
        {
            return attribute;
        }

        StringValue key = StringValue.FromTemplate(name);
        return value.Item(state, key) ?? new UndefinedValue(value, key);
    }

    /// <summary><c>value[key]</c>: the item, else the attribute of that name, else undefined.</summary>
    public static Value Item(RenderState state, Value value, Value key) =>
        value.Item(state, key)
        ?? (key is StringValue name ? value.Attribute(state, name.Text) : null)
        ?? new UndefinedValue(value, key);

    /// <summary><c>value[start:stop:step]</c>; null stands for a bound that was left out.</summary>
    public static Value Slice(RenderState state, Value value, Value? start, Value? stop, Value? step)
    {
        int stride = Bound(step) ?? 1;
        if (stride == 0)
        {
            throw TemplateException.Value("slice step cannot be zero");
        }

        switch (value)
        {
            case StringValue text:
                state.Budget.ChargeText(text.Text.Length);
                return SliceText(state, text, Bound(start), Bound(stop), stride);
            case SequenceValue sequence:
                List<Value> items = [.. Indices(sequence.Items.Count, Bound(start), Bound(stop), stride).Select(i => sequence.Items[i])];
                state.Budget.Charge(items.Count);
                return sequence is ListValue ? new ListValue(items) : new TupleValue([.. items]);
            case RangeValue range:
                return SliceRange(range, Bound(start), Bound(stop), stride);
            case UndefinedValue undefined:
                throw undefined.Error(state);
            case DictValue:
                throw TemplateException.Type("unhashable type: 'slice'");
            default:
                throw TemplateException.Type($"'{value.TypeName}' object is not subscriptable");
        }
    }

    /// <summary>Python's <c>iter(value)</c>.</summary>
    public static IEnumerator<Value> Iterate(RenderState state, Value value) =>
        value.Iterate(state) ?? throw TemplateException.Type($"'{value.TypeName}' object is not iterable");

    /// <summary>Python's <c>list(value)</c>.</summary>
    public static List<Value> ToList(RenderState state, Value value)
    {
        var list = new List<Value>();
        using IEnumerator<Value> items = Iterate(state, value);
        while (items.MoveNext())
        {
            state.Budget.Charge();
            list.Add(items.Current);
        }

        return list;
    }

    /// <summary>The values for <c>count</c> targets.</summary>
    public static List<Value> Unpack(RenderState state, Value value, int count)
    {
        if (value.Iterate(state) is not { } items)
        {
            throw TemplateException.Type($"cannot unpack non-iterable {value.TypeName} object");
        }

        var list = new List<Value>(count);
        using (items)
        {
            while (list.Count <= count && items.MoveNext())
            {
                list.Add(items.Current);
            }
        }

        return list.Count == count ? list : throw TemplateException.Value(list.Count > count
            ? $"too many values to unpack (expected {count})"
            : $"not enough values to unpack (expected {count}, got {list.Count})");
    }

    private static StringValue SliceText(RenderState state, StringValue text, int? start, int? stop, int step)
    {
        int count = text.CodePointCount;
        (int first, int length) = Range(count, start, stop, step);
        if (step == 1 || length == 0)
        {
            int from = text.Offset(first);
            StringValue part = length == 0 ? StringValue.Empty : text.Substring(from, text.Offset(first + length) - from);
            return part.AsMarkup(text.IsMarkup);
        }

        int[]? offsets = count == text.Text.Length ? null : CodePoints.Offsets(text.Text);
        var builder = new TextBuilder(state.Budget);
        for (int i = 0, index = first; i < length; i++, index += step)
        {
            int offset = offsets is null ? index : offsets[index];
            builder.Append(text.Substring(offset, offsets is null ? 1 : offsets[index + 1] - offset));
        }

        return builder.ToValue().AsMarkup(text.IsMarkup);
    }

    private static RangeValue SliceRange(RangeValue range, int? start, int? stop, int step)
    {
        (int first, int length) = Range(range.Length!.Value, start, stop, step);
        long stride = range.Step * step;
        long begin = range.Start + first * range.Step;
        return new RangeValue(begin, begin + length * stride, stride, length);
    }

    private static IEnumerable<int> Indices(int count, int? start, int? stop, int step)
    {
        (int first, int length) = Range(count, start, stop, step);
        for (int i = 0, index = first; i < length; i++, index += step)
        {
            yield return index;
        }
    }

    /// <summary>The first index and the number of items of a slice.</summary>
    private static (int First, int Length) Range(int count, int? start, int? stop, int step)
    {
        int low = step > 0 ? 0 : -1;
        int high = step > 0 ? count : count - 1;
        int first = start is { } s ? Math.Clamp(s < 0 ? s + count : s, low, high) : step > 0 ? low : high;
        int last = stop is { } e ? Math.Clamp(e < 0 ? e + count : e, low, high) : step > 0 ? high : low;
        long distance = step > 0 ? (long)last - first : (long)first - last;
        long stride = Math.Abs((long)step);
        return (first, (int)Math.Max(0, (distance + stride - 1) / stride));
    }

    private static int? Bound(Value? value)
    {
        if (value is null or NoneValue)
        {
            return null;
        }

        return Numeric.TryGetIndex(value, out int index)
            ? index
            : throw TemplateException.Type("slice indices must be integers or None or have an __index__ method");
    }
}
