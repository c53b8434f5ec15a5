; Installs Interactive Gym for one user, without administrator rights. Made by `python build/dev.py package`, which
; passes Version, Source (the app's folder) and Output.
#ifndef Version
  #error Version, Source and Output are passed by build/installers.py
#endif
#define Name "Interactive Gym"
#define Program "interactive-gym.exe"

[Setup]
; The id ties updates and the uninstaller to one app: it never changes.
AppId={{6B1C0C5E-2C0B-4C39-9B38-6E2E7F4B7A51}
AppName={#Name}
AppVersion={#Version}
AppVerName={#Name} {#Version}
VersionInfoVersion={#Version}
DefaultDirName={localappdata}\Programs\{#Name}
DefaultGroupName={#Name}
DisableProgramGroupPage=yes
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog commandline
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0
SetupIconFile=..\icons\igym.ico
UninstallDisplayIcon={app}\{#Program}
LicenseFile=..\..\LICENSE
OutputDir={#Output}
OutputBaseFilename=interactive-gym-{#Version}-windows
Compression=lzma2/max
SolidCompression=yes
WizardStyle=modern
CloseApplications=yes
#ifdef Sign
SignTool={#Sign}
SignedUninstaller=yes
#endif

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"
Name: "de"; MessagesFile: "compiler:Languages\German.isl"

[CustomMessages]
en.FirewallTask=Let participants' browsers in: add a rule to Windows' firewall (asks for administrator rights)
de.FirewallTask=Browser der Teilnehmenden hereinlassen: der Windows-Firewall eine Regel hinzufügen (fragt nach Administratorrechten)
en.Firewall=Firewall:
de.Firewall=Firewall:

[Tasks]
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; GroupDescription: "{cm:AdditionalIcons}"
Name: "firewall"; Description: "{cm:FirewallTask}"; GroupDescription: "{cm:Firewall}"; Flags: unchecked

[InstallDelete]
; What an older version brought and this one does not must not be imported. Recordings and settings lie elsewhere.
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "{#Source}\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs

[Icons]
Name: "{group}\{#Name}"; Filename: "{app}\{#Program}"
Name: "{group}\{cm:UninstallProgram,{#Name}}"; Filename: "{uninstallexe}"
Name: "{autodesktop}\{#Name}"; Filename: "{app}\{#Program}"; Tasks: desktopicon

[Run]
Filename: "{app}\{#Program}"; Description: "{cm:LaunchProgram,{#Name}}"; Flags: nowait postinstall skipifsilent

[Code]
{ Only the rule needs administrator rights: the rest of the installer never asks for them. }
procedure ChangeRule(Parameters: String);
var
  Code: Integer;
begin
  ShellExec('runas', ExpandConstant('{sys}\netsh.exe'), 'advfirewall firewall ' + Parameters, '', SW_HIDE,
    ewWaitUntilTerminated, Code);
end;

procedure CurStepChanged(Step: TSetupStep);
begin
  if (Step = ssPostInstall) and WizardIsTaskSelected('firewall') then
  begin
    ChangeRule('add rule name="{#Name}" dir=in action=allow program="' + ExpandConstant('{app}\{#Program}')
      + '" profile=private,domain,public enable=yes');
    RegWriteDWordValue(HKEY_CURRENT_USER, 'Software\{#Name}', 'FirewallRule', 1);
  end;
end;

{ Recordings, studies and settings stay: they are in the user's own folders and belong to the lab. }
procedure CurUninstallStepChanged(Step: TUninstallStep);
var
  Rule: Cardinal;
begin
  if (Step = usPostUninstall) and RegQueryDWordValue(HKEY_CURRENT_USER, 'Software\{#Name}', 'FirewallRule', Rule) then
  begin
    ChangeRule('delete rule name="{#Name}" program="' + ExpandConstant('{app}\{#Program}') + '"');
    RegDeleteKeyIncludingSubkeys(HKEY_CURRENT_USER, 'Software\{#Name}');
  end;
end;
