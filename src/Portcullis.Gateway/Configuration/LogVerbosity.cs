namespace Portcullis.Gateway.Configuration;

/// <summary>Least severe level that the console log shows.</summary>
public enum LogVerbosity
{
    Debug,
    Information,
    Warning,
    Error,
}
