using System.Collections.Concurrent;
using System.Reflection;

namespace Portcullis.Gateway.Configuration.Binding;

/// <summary>
/// What the file may hold for an option type. One description, read from the records by reflection, serves the binder, the
/// schema, the effective configuration and the comparison, so that they can't disagree.
/// </summary>
internal abstract class Shape
{
    private static readonly ConcurrentDictionary<Type, Shape> Known = new();

    /// <summary>What an error says was expected: "a duration such as 10s".</summary>
    public abstract string Expected { get; }

    /// <summary>The shape of a type. Throws for a type that no file can hold: that is a bug in a record.</summary>
    public static Shape Of(Type type) => Known.GetOrAdd(type, static type => Create(type));

    /// <summary>The shape of a property, whose attributes may narrow that of its type.</summary>
    public static Shape Of(PropertyInfo property)
    {
        if (property.IsDefined(typeof(ByteSizeAttribute))) return ScalarShape.ByteSize;
        if (property.IsDefined(typeof(ByteRateAttribute))) return ScalarShape.ByteRate;
        if (property.IsDefined(typeof(FilePathAttribute))) return ScalarShape.FilePath;
        if (property.IsDefined(typeof(RuleSourceAttribute))) return ListShape.RuleSources;
        return Of(property.PropertyType);
    }

    private static Shape Create(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (ScalarShape.TryCreate(type) is { } scalar) return scalar;
        if (type == typeof(PolicyOptions)) return new PoliciesShape();
        if (MapShape.TryCreate(type) is { } map) return map;
        if (ListShape.TryCreate(type) is { } list) return list;
        if (type is { IsClass: true, IsAbstract: false } && type.GetConstructor(Type.EmptyTypes) is not null) return new RecordShape(type);
        throw new NotSupportedException($"{type} can't be an option type: give it a parameterless constructor and init properties, or a shape");
    }
}
