namespace Portcullis.Gateway.Configuration.Binding;

/// <summary>Several values of one shape; the file may write a single one without brackets.</summary>
internal sealed class ListShape : Shape
{
    private readonly Type item;
    private readonly bool asArray;

    private ListShape(Type item, bool asArray)
    {
        this.item = item;
        this.asArray = asArray;
        Item = Of(item);
    }

    public Shape Item { get; }

    public override string Expected => "a list of " + Item.Expected;

    public static ListShape? TryCreate(Type type)
    {
        if (type.IsArray) return new ListShape(type.GetElementType()!, asArray: true);
        if (!type.IsGenericType || type.GenericTypeArguments.Length != 1) return null;

        var argument = type.GenericTypeArguments[0];
        if (type.IsAssignableFrom(argument.MakeArrayType())) return new ListShape(argument, asArray: true);
        return type.IsAssignableFrom(typeof(List<>).MakeGenericType(argument)) ? new ListShape(argument, asArray: false) : null;
    }

    public object Create(IReadOnlyList<object?> values)
    {
        var array = Array.CreateInstance(item, values.Count);
        for (var i = 0; i < values.Count; i++) array.SetValue(values[i], i);
        return asArray ? array : Activator.CreateInstance(typeof(List<>).MakeGenericType(item), array)!;
    }
}
