using System.ComponentModel;
using System.Reflection;

namespace Portcullis.Gateway.Configuration.Binding;

/// <summary>A record of options: one key for each property.</summary>
internal sealed class RecordShape : Shape
{
    private readonly Lazy<IReadOnlyList<OptionProperty>> properties;
    private readonly Lazy<Dictionary<string, OptionProperty>> byName;

    public RecordShape(Type type)
    {
        Type = type;
        properties = new(() => Read(type));
        byName = new(() => Properties.ToDictionary(property => property.Name, StringComparer.Ordinal));
    }

    public Type Type { get; }

    /// <summary>In the order in which the record declares them.</summary>
    public IReadOnlyList<OptionProperty> Properties => properties.Value;

    public IEnumerable<string> Names => Properties.Select(property => property.Name);

    /// <summary>The property that a plain value or a list stands for.</summary>
    public OptionProperty? Shorthand => Properties.FirstOrDefault(property => property.IsShorthand);

    public override string Expected
        => Shorthand is { } shorthand ? $"{shorthand.Shape.Expected}, or {Example}" : Example;

    private string Example => "keys and values such as { " + string.Join(", ", Properties.OrderByDescending(property => property.IsRequired).Take(2).Select(property => property.Name + ": …")) + " }";

    public OptionProperty? Find(string name) => byName.Value.GetValueOrDefault(name);

    /// <summary>A record with every default; the caller sets the required properties.</summary>
    public object Create() => Activator.CreateInstance(Type)!;

    private static List<OptionProperty> Read(Type type)
    {
        var defaults = Activator.CreateInstance(type)!;
        return
        [
            .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(property => property is { CanRead: true, CanWrite: true } && property.GetIndexParameters().Length == 0
                    && property.GetCustomAttribute<BrowsableAttribute>() is null or { Browsable: true })
                .OrderBy(property => property.MetadataToken)
                .Select(property => new OptionProperty(property, property.GetValue(defaults))),
        ];
    }
}
