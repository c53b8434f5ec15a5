"""Italian."""

from collections.abc import Mapping

from igym.protocol.told import Entry

SENTENCES: Mapping[str, Entry] = {
    "Thank you": "Grazie",
    "You have finished. Thank you for taking part!": "Ha finito. Grazie per la partecipazione!",
    "The study ended for you": "Lo studio è finito per Lei",
    "Unfortunately you cannot continue. Thank you for your time.": (
        "Purtroppo non può continuare. Grazie per il Suo tempo."
    ),
    "You have left the study": "Ha lasciato lo studio",
    "Thank you for your time. Please ask the experimenter if anything is unclear.": (
        "Grazie per il Suo tempo. Se qualcosa non è chiaro, chieda a chi conduce lo studio."
    ),
    "The wait is over": "L’attesa è finita",
    "Unfortunately nobody else arrived in time. Thank you for waiting.": (
        "Purtroppo nessun altro è arrivato in tempo. Grazie per l’attesa."
    ),
    "You were away for too long": "È stato assente troppo a lungo",
    "This study could not wait any longer and has ended for you. What you did until then is saved. Thank you "
    "for your time. Please ask the experimenter if anything is unclear.": (
        "Questo studio non poteva aspettare oltre ed è finito per Lei. Ciò che ha fatto fino ad allora è "
        "salvato. Grazie per il Suo tempo. Se qualcosa non è chiaro, chieda a chi conduce lo studio."
    ),
    "The session has ended": "La sessione è finita",
    "The experimenter has ended this session. Thank you for taking part.": (
        "Chi conduce lo studio ha terminato questa sessione. Grazie per la partecipazione."
    ),
    "The game could not be loaded": "Non è stato possibile caricare il gioco",
    "Unfortunately the game did not start on this computer. Please tell the experimenter.": (
        "Purtroppo il gioco non si è avviato su questo computer. Avvisi chi conduce lo studio."
    ),
    "Continued elsewhere": "Continua altrove",
    "This page is no longer used": "Questa pagina non serve più",
    "Somebody new takes part at this computer now. You can close this page.": (
        "Su questo computer ora partecipa un’altra persona. Può chiudere questa pagina."
    ),
    "This session goes on at another computer.": "Questa sessione continua su un altro computer.",
    "This study was opened in another tab or window, and goes on there. You can close this one.": (
        "Questo studio è stato aperto in un’altra scheda o finestra e continua lì. Può chiudere questa."
    ),
    "Already open": "Già aperto",
    "This study is already open in another tab or window. Please go on there, and close this one.": (
        "Questo studio è già aperto in un’altra scheda o finestra. Continui lì e chiuda questa."
    ),
    "People talk here between the rounds of the game.": "Qui si parla tra un turno e l’altro del gioco.",
    "The experimenter has closed the chat for you.": "Chi conduce lo studio ha chiuso la chat per Lei.",
    "There is nobody to talk to.": "Non c’è nessuno con cui parlare.",
    "You have sent as many messages as this study allows.": ("Ha inviato tutti i messaggi che questo studio permette."),
    "Nobody talks on this page any more.": "Su questa pagina non si parla più.",
    "This cannot be said here.": "Questo non si può dire qui.",
    "This study cannot be done on this kind of device. Please use another one if you can.": (
        "Questo studio non si può fare su questo tipo di dispositivo. Se può, ne usi un altro."
    ),
    "The screen or window is too small for this study. Please use a larger one if you can.": (
        "Lo schermo o la finestra è troppo piccolo per questo studio. Se può, ne usi uno più grande."
    ),
    "This study cannot be done with this browser. Please use another one if you can.": (
        "Questo studio non si può fare con questo browser. Se può, ne usi un altro."
    ),
    "The connection to this study is too slow to take part. Thank you for trying.": (
        "La connessione a questo studio è troppo lenta per partecipare. Grazie per averci provato."
    ),
    "Unfortunately you cannot take part in this study. Thank you for your interest.": (
        "Purtroppo non può partecipare a questo studio. Grazie per il Suo interesse."
    ),
    "Continue": "Continua",
    "Start": "Inizia",
    "Please wait for the other participants. The game starts by itself.": (
        "Attenda gli altri partecipanti. Il gioco inizia da solo."
    ),
    "Please keep this page in front and stay with the game, or it will end for you.": (
        "Tenga questa pagina in primo piano e resti nel gioco, altrimenti finirà per Lei."
    ),
    "The game had to end for you, because this page was left, idle or too slow. Thank you for taking part.": (
        "Il gioco è dovuto finire per Lei, perché questa pagina è stata lasciata, era inattiva o troppo lenta. "
        "Grazie per la partecipazione."
    ),
    "The game ended because another participant had to leave. You did nothing wrong.": (
        "Il gioco è finito perché un’altra persona è dovuta andare via. Lei non ha sbagliato nulla."
    ),
    "The game goes on without you. Click here to return.": (
        "Il gioco continua senza di Lei. Faccia clic qui per tornare."
    ),
    "The connection to another player was lost. Waiting for their return.": (
        "La connessione con un’altra persona è caduta. Attendiamo che torni."
    ),
    "The other player did not come back, so the game ended early. You did nothing wrong.": (
        "L’altra persona non è tornata, perciò il gioco è finito prima. Lei non ha sbagliato nulla."
    ),
    "The connection to your game was gone for too long, so it ended for you. What you did until then is "
    "saved, and you can go on here.": (
        "La connessione al Suo gioco è mancata troppo a lungo, perciò è finito per Lei. Ciò che ha fatto fino ad "
        "allora è salvato, e può continuare qui."
    ),
    "You were away from your game for too long, so it ended for you. What you did until then is saved, and "
    "you can go on here.": (
        "È stato lontano dal Suo gioco troppo a lungo, perciò è finito per Lei. Ciò che ha fatto fino ad allora "
        "è salvato, e può continuare qui."
    ),
    "The experimenter has ended this game. You did nothing wrong.": (
        "Chi conduce lo studio ha terminato questo gioco. Lei non ha sbagliato nulla."
    ),
    "The game had to end because of an error in its program. It is not your fault: everything until then was "
    "saved, and the experimenter has been told.": (
        "Il gioco è dovuto finire per un errore nel suo programma. Non è colpa Sua: tutto fino ad allora è "
        "salvato, e chi conduce lo studio è avvisato."
    ),
    "This link is not complete, or was changed. Please open it as you got it.": (
        "Questo link non è completo o è stato modificato. Lo apra come l’ha ricevuto."
    ),
    "Please open the personal link you were given.": "Apra il link personale che ha ricevuto.",
    "This link carries no participant id. Please use the link you were given.": (
        "In questo link manca l’identificativo. Usi il link che ha ricevuto."
    ),
    "Please choose or type the name you were given.": "Scelga o scriva il nome che ha ricevuto.",
    "Please type your name or number.": "Scriva il Suo nome o numero.",
    "Please use at most {most} ordinary characters.": "Usi al massimo {most} caratteri comuni.",
    "This name is not on the list. Please check it, or ask the experimenter.": (
        "Questo nome non è nella lista. Lo controlli o chieda a chi conduce lo studio."
    ),
    "This session does not take new participants at the moment. Please ask the experimenter.": (
        "Al momento questa sessione non accetta nuovi partecipanti. Chieda a chi conduce lo studio."
    ),
    "All places of this session are taken. Please ask the experimenter.": (
        "Tutti i posti di questa sessione sono occupati. Chieda a chi conduce lo studio."
    ),
    "Some answers are not right yet. Please look at them again; you have {n} more attempts.": {
        "one": "Alcune risposte non sono ancora giuste. Le riveda; Le resta un tentativo.",
        "other": "Alcune risposte non sono ancora giuste. Le riveda; Le restano {n} tentativi.",
    },
    "This answer is not right.": "Questa risposta non è giusta.",
    "This study goes on only with the right answers to its questions. Thank you for your time.": (
        "Questo studio continua solo con le risposte giuste alle sue domande. Grazie per il Suo tempo."
    ),
    "This study goes on only after what its practice asks for. Thank you for your time.": (
        "Questo studio continua solo dopo aver raggiunto quanto richiesto nella prova. Grazie per il Suo tempo."
    ),
    "yes": "sì",
    "no": "no",
    "All places are taken": "Tutti i posti sono occupati",
    "All places of this study are taken. Thank you for your interest.": (
        "Tutti i posti di questo studio sono occupati. Grazie per il Suo interesse."
    ),
    "Somebody already takes part under this name. Please ask the experimenter.": (
        "Qualcuno partecipa già con questo nome. Chieda a chi conduce lo studio."
    ),
    "This seat address is not valid. Please ask the experimenter.": (
        "Questo indirizzo di postazione non è valido. Chieda a chi conduce lo studio."
    ),
    "Somebody already takes part at this computer. Please ask the experimenter.": (
        "Qualcuno partecipa già su questo computer. Chieda a chi conduce lo studio."
    ),
    "This page may not join. Please open the link you were given.": (
        "Da questa pagina non si può partecipare. Apra il link che ha ricevuto."
    ),
    "Joining did not work. Please try again, or tell the experimenter.": (
        "Non è stato possibile partecipare. Riprovi o avvisi chi conduce lo studio."
    ),
    "The study is out of reach for a moment. Please try again in a few seconds.": (
        "Lo studio non è raggiungibile per un momento. Riprovi tra qualche secondo."
    ),
    "This page has connected very often in a short time. Please leave it open: it goes on in a few seconds.": (
        "Questa pagina si è collegata molte volte in poco tempo. La lasci aperta: prosegue tra qualche secondo."
    ),
    "Too many people are joining at this moment. Please try again in a second.": (
        "In questo momento entrano troppe persone. Riprovi tra un secondo."
    ),
    "Nobody can join just now, because the data cannot be saved. Please tell the experimenter.": (
        "Al momento nessuno può partecipare, perché i dati non si possono salvare. Avvisi chi conduce lo studio."
    ),
    "The link or the name is too long.": "Il link o il nome è troppo lungo.",
    "This page could not be understood. Please reload it.": "Questa pagina non è stata compresa. La ricarichi.",
    "Please answer this question.": "Risponda a questa domanda.",
    "This question is not part of the page.": "Questa domanda non fa parte della pagina.",
    "Please write text.": "Scriva un testo.",
    "Please write at least {n} characters.": {
        "one": "Scriva almeno un carattere.",
        "other": "Scriva almeno {n} caratteri.",
    },
    "Please write at most {n} characters.": {
        "one": "Scriva al massimo un carattere.",
        "other": "Scriva al massimo {n} caratteri.",
    },
    "Please check the form of this answer.": "Controlli la forma di questa risposta.",
    "Please write a number.": "Inserisca un numero.",
    "Please write a whole number.": "Inserisca un numero intero.",
    "Please choose from the list.": "Scelga dalla lista.",
    "Please put every item of the list in its place.": "Dia il suo posto a ogni voce della lista.",
    "Please choose at least {n}.": {
        "one": "Scelga almeno una risposta.",
        "other": "Scelga almeno {n} risposte.",
    },
    "Please choose at most {n}.": {
        "one": "Scelga al massimo una risposta.",
        "other": "Scelga al massimo {n} risposte.",
    },
    "Please choose a point on the scale.": "Scelga un punto della scala.",
    "Please choose a day.": "Scelga un giorno.",
    "Please choose a day from {day} on.": "Scelga un giorno a partire dal {day}.",
    "Please choose a day up to {day}.": "Scelga un giorno fino al {day}.",
    "Please tick the box, or leave it.": "Spunti la casella, o la lasci così.",
    "Please tick this box to go on.": "Spunti questa casella per continuare.",
    "Please choose a value of at least {number}.": "Scelga un valore di almeno {number}.",
    "Please choose a value of at most {number}.": "Scelga un valore di al massimo {number}.",
    "I cannot reply at the moment. Please go on without me.": (
        "Al momento non posso rispondere. Continui pure senza di me."
    ),
}
