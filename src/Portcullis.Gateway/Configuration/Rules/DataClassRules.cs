using Portcullis.Gateway.Policies;
using Portcullis.Gateway.Policies.Authenticate;
using Portcullis.Gateway.Policies.DataClasses;

namespace Portcullis.Gateway.Configuration.Rules;

/// <summary>Classes of data, and the routes that are marked with them.</summary>
internal static class DataClassRules
{
    private const int MostClasses = 100;
    private const int MostCharacters = 128;

    public static void Check(RuleScope scope)
    {
        var classes = scope.Options.DataClasses;
        if (classes.Count > MostClasses) scope.Error("dataClasses", $"{classes.Count} classes are defined", $"define at most {MostClasses}");
        foreach (var name in classes.Keys)
        {
            if (name.Length > MostCharacters || !name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.'))
                scope.Error("dataClasses." + name, $"{Excerpt.Quote(name)} is no name of a class", "use letters, digits, dots, hyphens and underscores");
        }

        foreach (var (name, route) in scope.Options.Routes) Check(scope, "routes." + name, route);
    }

    private static void Check(RuleScope scope, string path, RouteOptions route)
    {
        if (route.Purpose is { } purpose && !(FieldValue.IsValid(purpose) && purpose.Length <= MostCharacters))
            scope.Error(path + ".purpose", "is not one line of text", $"write up to {MostCharacters} visible ASCII characters");
        if (route.DataClass is not { } name)
        {
            if (route.Purpose is not null && !scope.IsWritten(path + ".dataClass")) scope.Error(path + ".purpose", "has no effect: the route names no class of data", "add dataClass, or remove purpose");
            return;
        }

        if (DataClasses.Find(scope.Options, name) is not { } found)
        {
            scope.Reference(path + ".dataClass", "dataClasses", "data class", name, DataClasses.Names(scope.Options));
            return;
        }

        if (found.PurposeRequired && route.Purpose is null && !scope.IsWritten(path + ".purpose"))
            scope.Error(path + ".dataClass", $"access to {Excerpt.Quote(name)} needs a purpose", "add purpose: what the data is used for");
        if (found.Sensitive && route.Redirect is null && route.Policies.Find<AuthenticateOptions>("authenticate") is { Methods: [AuthenticationMethod.None] })
            scope.Error(path + ".dataClass", $"{Excerpt.Quote(name)} is sensitive, and nobody is identified on this route", "write authenticate: token, or another class");
    }
}
