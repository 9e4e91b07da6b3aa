namespace Portcullis.Gateway.Configuration.Binding;

/// <summary>Several values of one shape; the file may write a single one without brackets.</summary>
internal sealed class ListShape : Shape
{
    private readonly Type item;

    private ListShape(Type item, Shape shape)
    {
        this.item = item;
        Item = shape;
    }

    public static ListShape RuleSources { get; } = new(typeof(string), ScalarShape.RuleSource);

    public Shape Item { get; }

    public override string Expected => "a list of " + Item.Expected;

    public static ListShape? TryCreate(Type type)
    {
        if (!type.IsGenericType || type.GenericTypeArguments.Length != 1) return null;
        var argument = type.GenericTypeArguments[0];
        return type.IsAssignableFrom(typeof(ValueList<>).MakeGenericType(argument)) ? new ListShape(argument, Of(argument)) : null;
    }

    public object Create(IReadOnlyList<object?> values)
    {
        var array = Array.CreateInstance(item, values.Count);
        for (var i = 0; i < values.Count; i++) array.SetValue(values[i], i);
        return Activator.CreateInstance(typeof(ValueList<>).MakeGenericType(item), array)!;
    }
}
