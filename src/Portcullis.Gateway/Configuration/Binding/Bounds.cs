using System.Reflection;

namespace Portcullis.Gateway.Configuration.Binding;

/// <summary>The least and the greatest value of an option, both included.</summary>
internal sealed record Bounds(IComparable Minimum, IComparable Maximum, string MinimumText, string MaximumText)
{
    private const string LongestDuration = "24d";

    public bool Hold(object value) => Minimum.CompareTo(value) <= 0 && Maximum.CompareTo(value) >= 0;

    /// <summary>The bounds that the attribute states, or those that every number and duration has.</summary>
    public static Bounds? Of(PropertyInfo property, Shape shape)
    {
        var scalar = (shape is ListShape list ? list.Item : shape) as ScalarShape;
        if (property.GetCustomAttribute<BetweenAttribute>() is { } between)
        {
            if (scalar is null) throw new NotSupportedException($"{property.DeclaringType}.{property.Name} has bounds but no order");
            return new(Parse(scalar, between.Minimum), Parse(scalar, between.Maximum), between.Minimum, between.Maximum);
        }

        if (scalar is null) return null;
        if (scalar.Type == typeof(int)) return new(0, int.MaxValue, "0", scalar.Format(int.MaxValue));
        if (scalar.Type == typeof(long)) return new(0L, long.MaxValue, "0", scalar.Format(long.MaxValue));
        if (scalar.Type == typeof(double)) return new(0d, 1e15, "0", "1000000000000000");
        if (scalar.Type == typeof(TimeSpan)) return new(TimeSpan.Zero, Parse(scalar, LongestDuration), "0s", LongestDuration);
        return null;
    }

    private static IComparable Parse(ScalarShape shape, string text)
        => shape.TryParse(text, out var value, out var error) ? (IComparable)value! : throw new FormatException($"{text}: {error}");
}
