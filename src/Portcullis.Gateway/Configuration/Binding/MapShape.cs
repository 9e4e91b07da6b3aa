using System.Collections;
using System.Reflection;

namespace Portcullis.Gateway.Configuration.Binding;

/// <summary>Values by names of the user's choice.</summary>
internal sealed class MapShape : Shape
{
    private readonly Type type;

    private MapShape(Type value)
    {
        Value = Of(value);
        type = typeof(Dictionary<,>).MakeGenericType(typeof(string), value);
    }

    public Shape Value { get; }

    public override string Expected => "keys and values, one on each line";

    public static MapShape? TryCreate(Type type)
    {
        if (!type.IsGenericType || type.GenericTypeArguments.Length != 2 || type.GenericTypeArguments[0] != typeof(string)) return null;
        var map = new MapShape(type.GenericTypeArguments[1]);
        return type.IsAssignableFrom(map.type) ? map : null;
    }

    /// <summary>An empty dictionary that distinguishes case and keeps the order of its entries.</summary>
    public IDictionary Create() => (IDictionary)Activator.CreateInstance(type, BindingFlags.Default, null, [StringComparer.Ordinal], null)!;
}
