"""German."""

from collections.abc import Mapping

from igym.protocol.told import Entry

SENTENCES: Mapping[str, Entry] = {
    # last pages
    "Thank you": "Vielen Dank",
    "You have finished. Thank you for taking part!": "Sie sind fertig. Vielen Dank für Ihre Teilnahme!",
    "The study ended for you": "Die Studie ist für Sie beendet",
    "Unfortunately you cannot continue. Thank you for your time.": (
        "Leider können Sie nicht weiter teilnehmen. Vielen Dank für Ihre Zeit."
    ),
    "You have left the study": "Sie haben die Studie verlassen",
    "Thank you for your time. Please ask the experimenter if anything is unclear.": (
        "Vielen Dank für Ihre Zeit. Bitte fragen Sie die Versuchsleitung, wenn etwas unklar ist."
    ),
    "The wait is over": "Das Warten ist vorbei",
    "Unfortunately nobody else arrived in time. Thank you for waiting.": (
        "Leider ist niemand rechtzeitig dazugekommen. Vielen Dank fürs Warten."
    ),
    "You were away for too long": "Sie waren zu lange weg",
    "This study could not wait any longer and has ended for you. What you did until then is saved. "
    "Thank you for your time. Please ask the experimenter if anything is unclear.": (
        "Diese Studie konnte nicht länger warten und ist für Sie beendet. Was Sie bis dahin getan haben, ist "
        "gespeichert. Vielen Dank für Ihre Zeit. Bitte fragen Sie die Versuchsleitung, wenn etwas unklar ist."
    ),
    "The session has ended": "Die Sitzung ist beendet",
    "The experimenter has ended this session. Thank you for taking part.": (
        "Die Versuchsleitung hat diese Sitzung beendet. Vielen Dank für Ihre Teilnahme."
    ),
    "The game could not be loaded": "Das Spiel konnte nicht geladen werden",
    "Unfortunately the game did not start on this computer. Please tell the experimenter.": (
        "Leider ist das Spiel auf diesem Computer nicht gestartet. Bitte sagen Sie der Versuchsleitung Bescheid."
    ),
    "Continued elsewhere": "Anderswo fortgesetzt",
    "This page is no longer used": "Diese Seite wird nicht mehr gebraucht",
    "Somebody new takes part at this computer now. You can close this page.": (
        "An diesem Computer nimmt jetzt jemand Neues teil. Sie können diese Seite schließen."
    ),
    "This session goes on at another computer.": "Diese Sitzung geht an einem anderen Computer weiter.",
    "This study was opened in another tab or window, and goes on there. You can close this one.": (
        "Diese Studie wurde in einem anderen Tab oder Fenster geöffnet und geht dort weiter. Dieses hier können Sie "
        "schließen."
    ),
    "Already open": "Schon geöffnet",
    "This study is already open in another tab or window. Please go on there, and close this one.": (
        "Diese Studie ist schon in einem anderen Tab oder Fenster geöffnet. Bitte machen Sie dort weiter und schließen "
        "Sie dieses hier."
    ),
    # chat
    "People talk here between the rounds of the game.": "Hier wird zwischen den Runden des Spiels geschrieben.",
    "The experimenter has closed the chat for you.": "Die Versuchsleitung hat den Chat für Sie geschlossen.",
    "I cannot reply at the moment. Please go on without me.": (
        "Ich kann gerade nicht antworten. Bitte machen Sie ohne mich weiter."
    ),
    "There is nobody to talk to.": "Hier ist niemand, mit dem Sie schreiben könnten.",
    "You have sent as many messages as this study allows.": (
        "Sie haben so viele Nachrichten gesendet, wie diese Studie erlaubt."
    ),
    "Nobody talks on this page any more.": "Auf dieser Seite wird nicht mehr geschrieben.",
    "This cannot be said here.": "Das kann man hier nicht sagen.",
    # screening
    "This study cannot be done on this kind of device. Please use another one if you can.": (
        "Diese Studie geht auf dieser Art von Gerät nicht. Bitte nehmen Sie ein anderes, wenn Sie können."
    ),
    "The screen or window is too small for this study. Please use a larger one if you can.": (
        "Der Bildschirm oder das Fenster ist zu klein für diese Studie. Bitte nehmen Sie ein größeres, wenn Sie können."
    ),
    "This study cannot be done with this browser. Please use another one if you can.": (
        "Diese Studie geht mit diesem Browser nicht. Bitte nehmen Sie einen anderen, wenn Sie können."
    ),
    "The connection to this study is too slow to take part. Thank you for trying.": (
        "Die Verbindung zu dieser Studie ist zu langsam für eine Teilnahme. Vielen Dank für den Versuch."
    ),
    "Unfortunately you cannot take part in this study. Thank you for your interest.": (
        "Leider können Sie an dieser Studie nicht teilnehmen. Vielen Dank für Ihr Interesse."
    ),
    "Continue": "Weiter",
    "Start": "Start",
    # waiting and playing
    "Please wait for the other participants. The game starts by itself.": (
        "Bitte warten Sie auf die anderen. Das Spiel beginnt von selbst."
    ),
    "Please keep this page in front and stay with the game, or it will end for you.": (
        "Bitte lassen Sie diese Seite im Vordergrund und bleiben Sie beim Spiel, sonst endet es für Sie."
    ),
    "The game had to end for you, because this page was left, idle or too slow. Thank you for taking part.": (
        "Das Spiel musste für Sie enden, weil diese Seite verlassen wurde, nichts getan wurde oder sie zu langsam war. "
        "Vielen Dank für Ihre Teilnahme."
    ),
    "The game ended because another participant had to leave. You did nothing wrong.": (
        "Das Spiel ist zu Ende, weil jemand anders gehen musste. Sie haben nichts falsch gemacht."
    ),
    "The game goes on without you. Click here to return.": (
        "Das Spiel geht ohne Sie weiter. Klicken Sie hier, um zurückzukehren."
    ),
    "The connection to another player was lost. Waiting for their return.": (
        "Die Verbindung zu jemand anderem im Spiel ist abgerissen. Wir warten auf die Rückkehr."
    ),
    "The other player did not come back, so the game ended early. You did nothing wrong.": (
        "Die andere Person ist nicht zurückgekommen, deshalb endete das Spiel vorzeitig. Sie haben nichts falsch "
        "gemacht."
    ),
    "The connection to your game was gone for too long, so it ended for you. What you did until then is saved, and you "
    "can go on here.": (
        "Die Verbindung zu Ihrem Spiel war zu lange weg, deshalb ist es für Sie zu Ende. Was Sie bis dahin getan "
        "haben, ist gespeichert, und hier geht es für Sie weiter."
    ),
    "You were away from your game for too long, so it ended for you. What you did until then is saved, and you can go "
    "on here.": (
        "Sie waren zu lange von Ihrem Spiel weg, deshalb ist es für Sie zu Ende. Was Sie bis dahin getan haben, ist "
        "gespeichert, und hier geht es für Sie weiter."
    ),
    "The experimenter has ended this game. You did nothing wrong.": (
        "Die Versuchsleitung hat dieses Spiel beendet. Sie haben nichts falsch gemacht."
    ),
    "The game had to end because of an error in its program. It is not your fault: everything until then was saved, "
    "and the experimenter has been told.": (
        "Das Spiel musste wegen eines Fehlers in seinem Programm enden. Das liegt nicht an Ihnen: Alles bis dahin ist "
        "gespeichert, und die Versuchsleitung weiß Bescheid."
    ),
    # joining
    "This link is not complete, or was changed. Please open it as you got it.": (
        "Dieser Link ist nicht vollständig oder wurde verändert. Bitte öffnen Sie ihn so, wie Sie ihn bekommen haben."
    ),
    "Please open the personal link you were given.": (
        "Bitte öffnen Sie den persönlichen Link, den Sie bekommen haben."
    ),
    "This link carries no participant id. Please use the link you were given.": (
        "In diesem Link fehlt die Teilnahme-Kennung. Bitte nehmen Sie den Link, den Sie bekommen haben."
    ),
    "Please choose or type the name you were given.": (
        "Bitte wählen oder tippen Sie den Namen, den Sie bekommen haben."
    ),
    "Please type your name or number.": "Bitte tippen Sie Ihren Namen oder Ihre Nummer.",
    "Please use at most {most} ordinary characters.": "Bitte nehmen Sie höchstens {most} gewöhnliche Zeichen.",
    "This name is not on the list. Please check it, or ask the experimenter.": (
        "Dieser Name steht nicht auf der Liste. Bitte prüfen Sie ihn, oder fragen Sie die Versuchsleitung."
    ),
    "This session does not take new participants at the moment. Please ask the experimenter.": (
        "Diese Sitzung nimmt im Moment niemanden neu auf. Bitte fragen Sie die Versuchsleitung."
    ),
    "All places of this session are taken. Please ask the experimenter.": (
        "Alle Plätze dieser Sitzung sind belegt. Bitte fragen Sie die Versuchsleitung."
    ),
    "Some answers are not right yet. Please look at them again; you have {n} more attempts.": {
        "one": "Einige Antworten stimmen noch nicht. Bitte sehen Sie noch einmal hin; Sie haben noch einen Versuch.",
        "other": "Einige Antworten stimmen noch nicht. Bitte sehen Sie noch einmal hin; Sie haben noch {n} Versuche.",
    },
    "This answer is not right.": "Diese Antwort stimmt nicht.",
    "This study goes on only with the right answers to its questions. Thank you for your time.": (
        "Diese Studie geht nur mit den richtigen Antworten auf ihre Fragen weiter. Vielen Dank für Ihre Zeit."
    ),
    "This study goes on only after what its practice asks for. Thank you for your time.": (
        "Diese Studie geht nur weiter, wenn in der Übung das Verlangte erreicht ist. Vielen Dank für Ihre Zeit."
    ),
    "yes": "ja",
    "no": "nein",
    "All places are taken": "Alle Plätze sind belegt",
    "All places of this study are taken. Thank you for your interest.": (
        "Alle Plätze dieser Studie sind belegt. Vielen Dank für Ihr Interesse."
    ),
    "Somebody already takes part under this name. Please ask the experimenter.": (
        "Unter diesem Namen nimmt schon jemand teil. Bitte fragen Sie die Versuchsleitung."
    ),
    "This seat address is not valid. Please ask the experimenter.": (
        "Diese Platz-Adresse ist nicht gültig. Bitte fragen Sie die Versuchsleitung."
    ),
    "Somebody already takes part at this computer. Please ask the experimenter.": (
        "An diesem Computer nimmt schon jemand teil. Bitte fragen Sie die Versuchsleitung."
    ),
    "This page may not join. Please open the link you were given.": (
        "Von dieser Seite aus geht die Teilnahme nicht. Bitte öffnen Sie den Link, den Sie bekommen haben."
    ),
    "Joining did not work. Please try again, or tell the experimenter.": (
        "Die Anmeldung hat nicht geklappt. Bitte versuchen Sie es noch einmal, oder sagen Sie der Versuchsleitung "
        "Bescheid."
    ),
    "The study is out of reach for a moment. Please try again in a few seconds.": (
        "Die Studie ist einen Moment lang nicht erreichbar. Bitte versuchen Sie es in ein paar Sekunden noch einmal."
    ),
    "This page has connected very often in a short time. Please leave it open: it goes on in a few seconds.": (
        "Diese Seite hat sich in kurzer Zeit sehr oft verbunden. "
        "Bitte lassen Sie sie offen: In ein paar Sekunden geht es weiter."
    ),
    "Too many people are joining at this moment. Please try again in a second.": (
        "Im Moment melden sich zu viele gleichzeitig an. Bitte versuchen Sie es gleich noch einmal."
    ),
    "Nobody can join just now, because the data cannot be saved. Please tell the experimenter.": (
        "Im Moment kann niemand teilnehmen, weil die Daten nicht gespeichert werden können. Bitte sagen Sie der "
        "Versuchsleitung Bescheid."
    ),
    "The link or the name is too long.": "Der Link oder der Name ist zu lang.",
    "This page could not be understood. Please reload it.": (
        "Diese Seite war nicht zu verstehen. Bitte laden Sie sie neu."
    ),
    # what is wrong with an answer
    "Please answer this question.": "Bitte beantworten Sie diese Frage.",
    "This question is not part of the page.": "Diese Frage gehört nicht zu dieser Seite.",
    "Please write text.": "Bitte schreiben Sie Text.",
    "Please write at least {n} characters.": {
        "one": "Bitte schreiben Sie mindestens ein Zeichen.",
        "other": "Bitte schreiben Sie mindestens {n} Zeichen.",
    },
    "Please write at most {n} characters.": {
        "one": "Bitte schreiben Sie höchstens ein Zeichen.",
        "other": "Bitte schreiben Sie höchstens {n} Zeichen.",
    },
    "Please check the form of this answer.": "Bitte prüfen Sie die Form dieser Antwort.",
    "Please write a number.": "Bitte schreiben Sie eine Zahl.",
    "Please write a whole number.": "Bitte schreiben Sie eine ganze Zahl.",
    "Please choose from the list.": "Bitte wählen Sie aus der Liste.",
    "Please put every item of the list in its place.": "Bitte geben Sie jedem Eintrag der Liste seinen Platz.",
    "Please choose at least {n}.": {
        "one": "Bitte wählen Sie mindestens eine Antwort.",
        "other": "Bitte wählen Sie mindestens {n} Antworten.",
    },
    "Please choose at most {n}.": {
        "one": "Bitte wählen Sie höchstens eine Antwort.",
        "other": "Bitte wählen Sie höchstens {n} Antworten.",
    },
    "Please choose a point on the scale.": "Bitte wählen Sie einen Punkt der Skala.",
    "Please choose a day.": "Bitte wählen Sie einen Tag.",
    "Please choose a day from {day} on.": "Bitte wählen Sie einen Tag ab {day}.",
    "Please choose a day up to {day}.": "Bitte wählen Sie einen Tag bis {day}.",
    "Please tick the box, or leave it.": "Bitte kreuzen Sie das Kästchen an, oder lassen Sie es.",
    "Please tick this box to go on.": "Bitte kreuzen Sie dieses Kästchen an, um fortzufahren.",
    "Please choose a value of at least {number}.": "Bitte wählen Sie einen Wert von mindestens {number}.",
    "Please choose a value of at most {number}.": "Bitte wählen Sie einen Wert von höchstens {number}.",
}
