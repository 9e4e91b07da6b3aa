using System.ComponentModel;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Portcullis.Gateway.Configuration.Binding;

/// <summary>One key of a record of options.</summary>
internal sealed class OptionProperty
{
    private readonly PropertyInfo property;

    public OptionProperty(PropertyInfo property, object? defaultValue)
    {
        this.property = property;
        Default = defaultValue;
        Name = JsonNamingPolicy.CamelCase.ConvertName(property.Name);
        Description = property.GetCustomAttribute<DescriptionAttribute>()?.Description;
        IsRequired = property.IsDefined(typeof(RequiredMemberAttribute));
        IsShorthand = property.IsDefined(typeof(ShorthandAttribute));
        Shape = Shape.Of(property);
        Bounds = Bounds.Of(property, Shape);
    }

    /// <summary>The key in the file.</summary>
    public string Name { get; }

    public string? Description { get; }

    public bool IsRequired { get; }

    public bool IsShorthand { get; }

    public Shape Shape { get; }

    /// <summary>Of the value, or of each item of a list.</summary>
    public Bounds? Bounds { get; }

    /// <summary>The value where the file does not have the key.</summary>
    public object? Default { get; }

    public object? Get(object record) => property.GetValue(record);

    public void Set(object record, object? value) => property.SetValue(record, value);
}
