namespace Portcullis.Gateway.Connections.Http2.Hpack;

/// <summary>Remembers the forms of a few names that <see cref="Fields.KnownFields"/> lacks: those that a service gives with each response.</summary>
internal sealed class UnknownForms
{
    /// <summary>Most forms; a further one takes the place of another.</summary>
    private const int Most = 16;

    /// <summary>Places of the array that a name may have.</summary>
    private const int Places = 4;

    /// <summary>Longest name that is remembered, chars.</summary>
    private const int MostLength = 64;

    private FieldForm?[]? forms;

    /// <summary>The form of a name, which is not empty.</summary>
    public FieldForm Of(string name)
    {
        if (name.Length > MostLength) return New(name);
        forms ??= new FieldForm?[Most];
        var first = FieldForm.HashOf(name);
        for (var i = 0; i < Places; i++)
        {
            ref var form = ref forms[(first + i) & (Most - 1)];
            form ??= New(name);
            if (form.IsOf(name)) return form;
        }

        return forms[first & (Most - 1)] = New(name);
    }

    private static FieldForm New(string name) => new(name, Indexing.Repeated);
}
